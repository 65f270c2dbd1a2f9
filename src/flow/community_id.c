/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/community_id.h"

#include "net/icmp.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <string.h>

/*
 *	| seed | address | address | proto | 0 | port | port |
 *	|   2  | 4 or 16 | 4 or 16 |   1   | 1 |   2  |   2  |
 */
struct message {
	uint8_t bytes[2 + 16 + 16 + 2 + 4];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t len)
{
	memcpy(m->bytes + m->len, bytes, len);
	m->len += len;
}

static void put16(struct message *m, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	put(m, bytes, sizeof(bytes));
}

static void put_address(struct message *m, const struct address *address)
{
	if (address->version == 4)
		put(m, address->bytes + 12, 4);
	else
		put(m, address->bytes, 16);
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/* A one-way ICMP message has no reply that the order would have to be the same for. */
static bool one_way(const struct tuple *t)
{
	if (t->proto != IPPROTO_ICMP && t->proto != IPPROTO_ICMPV6)
		return false;
	return icmp_counterpart(t->proto, (uint8_t)t->src_port) != t->dst_port;
}

static bool in_order(const struct tuple *t)
{
	int c = memcmp(t->src.bytes, t->dst.bytes, sizeof(t->src.bytes));

	return one_way(t) || c < 0 || (c == 0 && t->src_port < t->dst_port);
}

const char *community_id(const struct tuple *t, uint16_t seed, char out[static COMMUNITY_ID_SIZE])
{
	bool straight = in_order(t);
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct message m = {.len = 0};

	put16(&m, seed);
	put_address(&m, straight ? &t->src : &t->dst);
	put_address(&m, straight ? &t->dst : &t->src);
	put(&m, (uint8_t[]){t->proto, 0}, 2);
	if (has_ports(t->proto)) {
		put16(&m, straight ? t->src_port : t->dst_port);
		put16(&m, straight ? t->dst_port : t->src_port);
	}
	CHECK(EVP_Digest(m.bytes, m.len, digest, NULL, EVP_sha1(), NULL) == 1);
	memcpy(out, "1:", 2);
	EVP_EncodeBlock((unsigned char *)out + 2, digest, 20);
	return out;
}
