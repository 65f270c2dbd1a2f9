/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello_dump - what TLS, QUIC and DTLS say at the start of each conversation of
 * a capture, one line for each hello, for comparison with other programs:
 *
 *	t|q|d src src_port dst dst_port version offer sni alpn ja3 ja4
 *	s     src src_port dst dst_port version cipher alpn subject self|other sha256 from to
 *
 * and '-' where nothing is said.  Segments are taken in the order of the
 * capture, only retransmissions are left out: the parsers are under test, not
 * the putting in order.  Packets before the first that starts TLS are skipped,
 * so that a hello behind a proxy's or a mail server's words is found.
 */
#include "base/hash.h"
#include "input/input.h"
#include "proto/dtls.h"
#include "proto/quic.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { BUCKETS = 4096, SIDE_MAX = 32768 };

struct side {
	struct tuple tuple;
	struct side *next;
	uint32_t next_seq;
	bool started, done;
	size_t len;
	uint8_t bytes[SIDE_MAX];
	struct quic_opening quic;
	struct dtls_opening dtls;
};

struct dump {
	struct hash_key key;
	struct side *buckets[BUCKETS];
	struct quic_keys *keys;
};

static struct side *side_of(struct dump *dump, const struct tuple *tuple)
{
	struct side **at = &dump->buckets[hash_bytes(&dump->key, tuple, sizeof(*tuple)) % BUCKETS];

	for (struct side *s = *at; s; s = s->next)
		if (!memcmp(&s->tuple, tuple, sizeof(*tuple)))
			return s;
	struct side *s = calloc(1, sizeof(*s));
	CHECK(s);
	s->tuple = *tuple;
	s->next = *at;
	*at = s;
	return s;
}

static void print_ends(char kind, const struct tuple *t)
{
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];

	printf("%c\t%s\t%u\t%s\t%u", kind, address_text(&t->src, src), t->src_port,
	       address_text(&t->dst, dst), t->dst_port);
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void print_hello(char kind, const struct tuple *t, const struct tls_hello *h)
{
	print_ends(kind, t);
	printf("\t%04x\t%04x\t%s\t%s\t%s\t%s\n", h->version, h->offer, or_dash(h->sni),
	       or_dash(h->alpn), or_dash(h->ja3), or_dash(h->ja4));
}

static void print_server(const struct tuple *t, const struct tls_server *s)
{
	const struct x509_summary *c = &s->certificate;

	print_ends('s', t);
	printf("\t%04x\t%04x\t%s", s->version, s->cipher, or_dash(s->alpn));
	if (s->has_certificate) {
		printf("\t%s\t%s\t", or_dash(c->subject), c->self_issued ? "self" : "other");
		for (size_t i = 0; i < sizeof(c->sha256); i++)
			printf("%02x", c->sha256[i]);
		printf("\t%" PRId64 "\t%" PRId64, c->not_before / NS_PER_SEC,
		       c->not_after / NS_PER_SEC);
	}
	putchar('\n');
}

static void look(struct side *s)
{
	struct tls_hello hello;
	struct tls_server server;
	enum decode_verdict v = tls_parse_hello(s->bytes, s->len, &hello);

	if (v == DECODE_OK)
		print_hello('t', &s->tuple, &hello);
	s->done = v == DECODE_OK || v == DECODE_MALFORMED;
	if (v != DECODE_UNSUPPORTED)
		return;
	v = tls_parse_server(s->bytes, s->len, NULL, &server);
	if (v == DECODE_OK)
		print_server(&s->tuple, &server);
	s->done = v != DECODE_TRUNCATED;
}

static void read_tcp(struct dump *dump, const struct packet *p)
{
	struct side *s = side_of(dump, &p->tuple);
	size_t len = p->payload_captured, needs;

	if (p->tcp_flags & TCP_SYN) {
		s->started = s->done = false;
		s->len = 0;
	}
	if (s->done || len == 0)
		return;
	if (s->started && p->tcp_seq != s->next_seq)
		return;
	if (!s->started && (tls_needs(p->payload, len) == 0 || !tls_is_handshake(p->payload, len)))
		return;
	s->started = true;
	s->next_seq = p->tcp_seq + p->payload_bytes;
	if (len > SIDE_MAX - s->len)
		len = SIDE_MAX - s->len;
	memcpy(s->bytes + s->len, p->payload, len);
	s->len += len;
	needs = tls_needs(s->bytes, s->len);
	if (needs <= s->len || s->len == SIDE_MAX)
		look(s);
}

static void read_udp(struct dump *dump, const struct packet *p)
{
	struct tls_hello hello;
	enum decode_verdict v;
	struct side *s;

	if (quic_is_initial(p->payload, p->payload_captured)) {
		s = side_of(dump, &p->tuple);
		if (s->done)
			return;
		v = quic_read(dump->keys, &s->quic, p->payload, p->payload_captured, &hello);
		s->done = v == DECODE_OK;
		if (v == DECODE_OK)
			print_hello('q', &p->tuple, &hello);
	} else if (dtls_is_hello(p->payload, p->payload_captured)) {
		s = side_of(dump, &p->tuple);
		v = dtls_read(&s->dtls, p->payload, p->payload_captured, &hello);
		if (v == DECODE_OK)
			print_hello('d', &p->tuple, &hello);
	}
}

static void read_frame(void *arg, const struct frame *frame)
{
	struct packet layers[PACKET_LAYERS_MAX];
	unsigned count;

	if (decode_frame(frame, layers, &count) != DECODE_OK || !layers[count - 1].payload)
		return;
	if (layers[count - 1].tuple.proto == IPPROTO_TCP)
		read_tcp(arg, &layers[count - 1]);
	else if (layers[count - 1].tuple.proto == IPPROTO_UDP)
		read_udp(arg, &layers[count - 1]);
}

int main(int argc, char **argv)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	struct input_sink sink = {.frame = read_frame, .arg = dump};
	struct input_plan plan;
	struct complaint why;
	int rc;

	CHECK(dump);
	dump->key = hash_key_new();
	dump->keys = quic_keys_new();
	if (argc != 2 || input_plan((const char *const *)argv + 1, 1, &plan) || plan.count != 1) {
		fprintf(stderr, "usage: hello_dump CAPTURE\n");
		return 2;
	}
	rc = input_read(&plan.files[0], &sink, &why);
	if (rc)
		fprintf(stderr, "%s\n", why.text);
	input_plan_fini(&plan);
	for (size_t i = 0; i < BUCKETS; i++)
		while (dump->buckets[i]) {
			struct side *s = dump->buckets[i];

			dump->buckets[i] = s->next;
			free(s);
		}
	quic_keys_free(dump->keys);
	free(dump);
	return rc ? 1 : 0;
}
