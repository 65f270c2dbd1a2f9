/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/copies.h"

#include <netinet/in.h>
#include <string.h>

enum { COPY_HEAD = 64, COPIES_MAX = 3 /* all ones in binary */ };

void copies_start(struct copies *c, uint64_t secret)
{
	c->secret = secret | 1;
	copies_forget(c);
}

void copies_forget(struct copies *c)
{
	memset(c->recent, 0, sizeof(c->recent));
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * The beginning and the end of what is said, without which a datagram is not told from
 * the next.  A checksum will not do: a host that leaves it to the network card
 * hands out the same for all of one length, and around a packet whose own sums
 * are right a tunnel's is always the same.
 */
static uint64_t said_in(const struct packet *p, uint64_t secret)
{
	size_t len = p->payload_captured, head = len < COPY_HEAD ? len : COPY_HEAD;
	uint64_t mix = 0, word;

	for (size_t i = 0; i < head; i += sizeof(word)) {
		word = 0;
		memcpy(&word, p->payload + i, head - i < sizeof(word) ? head - i : sizeof(word));
		mix = (mix ^ word) * secret;
		mix ^= mix >> 32;
	}
	if (len > COPY_HEAD + sizeof(word)) {
		memcpy(&word, p->payload + len - sizeof(word), sizeof(word));
		mix = (mix ^ word) * secret;
	}
	return mix;
}

/*
 * What tells a packet from all others but its copies: identification, checksum,
 * sequence number and lengths, and what a datagram says where we look.  0 if that
 * tells nothing.  A bare acknowledgement or reset without an identification may
 * well be sent twice: one answers each segment that comes.
 */
uint64_t copies_likeness(const struct copies *c, const struct packet *p, uint64_t hash)
{
	uint64_t what = hash ^ (uint64_t)p->stamp << 32 ^ p->tcp_seq;

	if (p->stamp == 0 || p->fragment)
		return 0;
	if (p->stamp >> 16 == 0 && p->payload_bytes == 0 && p->tuple.proto == IPPROTO_TCP &&
	    !(p->tcp_flags & (TCP_SYN | TCP_FIN)))
		return 0;
	if (p->tuple.proto != IPPROTO_TCP)
		what ^= said_in(p, c->secret);
	what = (what ^ what >> 29) * c->secret;
	what ^= (uint64_t)p->bytes << 17 | (uint64_t)p->tcp_flags << 8;
	return (what ^ what >> 32) * c->secret;
}

/*
 * Where it is kept does not depend on the secret: whom it displaces, and so
 * which copies are found, must be the same in every run.
 */
uint16_t copies_place(const struct packet *p)
{
	uint64_t w = load64(p->tuple.src.bytes + 8) * 0x9e3779b97f4a7c15 +
		     load64(p->tuple.dst.bytes + 8) * 0xd6e8feb86659fd93;

	w ^= (uint64_t)p->stamp << 32 ^ p->tcp_seq ^ p->tuple.src_port;
	return (uint16_t)((w * 0xff51afd7ed558ccd) >> 54);
}
_Static_assert(COPIES_RECENT == 1 << (64 - 54), "the top bits choose a place");

bool copies_saw(struct copies *c, uint64_t likeness, uint16_t place, ns_t when)
{
	struct recent *r = &c->recent[place];

	if (!likeness)
		return false;
	if ((r->what | COPIES_MAX) == (likeness | COPIES_MAX) &&
	    ns_apart(r->when, when) <= (uint64_t)COPIES_NS && (r->what & COPIES_MAX) < COPIES_MAX) {
		r->what++;
		return true;
	}
	*r = (struct recent){likeness & ~(uint64_t)COPIES_MAX, when};
	return false;
}
