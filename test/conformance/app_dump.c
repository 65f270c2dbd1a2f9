/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_dump - what the parsers of applications say of a capture, for comparison
 * with another decoder.  Fields are parted by tabs, and have no names if they
 * are always there:
 *
 *	dns FRAME id response opcode rcode type question counts types ttl edns addresses
 *	datagram FRAME src src_port dst dst_port  app seen with dst_port  with src_port
 *	stream src src_port dst dst_port  app if a client's  if a server's  [claims ...]
 *
 * Streams are put together by a simple rule of our own, so that the one of the
 * program is not needed: segments that continue what was there, up to 16 KiB.
 */
#include "input/input.h"
#include "proto/dns.h"
#include "proto/entropy.h"
#include "proto/http.h"
#include "proto/socks.h"
#include "proto/spoken.h"
#include "proto/ssh.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { SLOTS = 1 << 17, KEPT_MAX = 16384 };

struct direction {
	struct tuple tuple;
	uint32_t next;
	size_t len;
	uint8_t *bytes;
};

struct dump {
	unsigned long frame;
	struct direction *slots; /* found by a sum over the tuple; never more than half full */
	struct direction **order;
	size_t count;
};

static void print_tuple(const struct tuple *t)
{
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];

	printf("\t%s\t%u\t%s\t%u", address_text(&t->src, src), t->src_port,
	       address_text(&t->dst, dst), t->dst_port);
}

static void print_dns(unsigned long frame, const uint8_t *bytes, size_t len)
{
	struct dns_message m;
	char text[ADDRESS_TEXT_SIZE];

	if (dns_parse(bytes, len, &m) == DECODE_MALFORMED) {
		printf("dns\t%lu\tmalformed\n", frame);
		return;
	}
	printf("dns\t%lu\t%u\t%d\t%u\t%u\t%u\t%s\t%u,%u,%u,%u\t%03x\t%u\t%d:%u\t", frame, m.id,
	       m.response, m.opcode, m.rcode, m.question_type, m.question, m.count[0], m.count[1],
	       m.count[2], m.count[3], m.answer_types, m.ttl, m.edns, m.edns_size);
	for (size_t i = 0; i < m.address_count; i++)
		printf("%s%s", i ? "," : "", address_text(&m.addresses[i], text));
	putchar('\n');
}

static void see_datagram(unsigned long frame, const struct packet *p)
{
	static const uint16_t dns_ports[] = {53, 5353, 5355};

	printf("datagram\t%lu", frame);
	print_tuple(&p->tuple);
	printf("\t%s\t%s\n",
	       app_name(spoken_in_datagram(p->payload, p->payload_captured, p->tuple.dst_port)),
	       app_name(spoken_in_datagram(p->payload, p->payload_captured, p->tuple.src_port)));
	for (size_t i = 0; i < ARRAY_LEN(dns_ports); i++)
		if (p->tuple.src_port == dns_ports[i] || p->tuple.dst_port == dns_ports[i]) {
			print_dns(frame, p->payload, p->payload_captured);
			return;
		}
}

static struct direction *find(struct dump *d, const struct tuple *t)
{
	uint32_t at = (uint32_t)(t->src_port * 40503u + t->dst_port * 2654435761u +
				 t->src.bytes[15] * 7919u + t->dst.bytes[15] * 104729u);

	for (;; at++) {
		struct direction *slot = &d->slots[at % SLOTS];

		if (!slot->bytes)
			return slot;
		if (!memcmp(&slot->tuple, t, sizeof(*t)))
			return slot;
	}
}

static void see_segment(struct dump *d, const struct packet *p)
{
	struct direction *s = find(d, &p->tuple);
	size_t room, len = p->payload_captured;

	if (!s->bytes) {
		if (d->count == SLOTS / 2)
			return;
		s->bytes = malloc(KEPT_MAX);
		CHECK(s->bytes);
		s->tuple = p->tuple;
		s->next = p->tcp_seq;
		d->order[d->count++] = s;
	}
	if (p->tcp_seq != s->next || p->payload_bytes != p->payload_captured)
		return;
	s->next += p->payload_bytes;
	room = KEPT_MAX - s->len;
	memcpy(s->bytes + s->len, p->payload, len < room ? len : room);
	s->len += len < room ? len : room;
}

static void see_frame(void *arg, const struct frame *frame)
{
	struct dump *d = arg;
	struct packet layers[PACKET_LAYERS_MAX], *p;
	unsigned count;

	d->frame++;
	if (decode_frame(frame, layers, &count) != DECODE_OK || count == 0)
		return;
	p = &layers[count - 1];
	if (!p->payload || p->payload_captured == 0 || p->fragment)
		return;
	if (p->tuple.proto == IPPROTO_UDP)
		see_datagram(d->frame, p);
	else if (p->tuple.proto == IPPROTO_TCP)
		see_segment(d, p);
}

static void print_http(const uint8_t *bytes, size_t len)
{
	struct http_request q;
	struct http_response r;
	enum decode_verdict v;

	if (http_is_request(bytes, len)) {
		v = http_parse_request(bytes, len, &q);
		if (v == DECODE_OK || v == DECODE_TRUNCATED)
			printf("\tmethod=%s\thost=%s\tport=%u\tproxied=%d\tagent=%s", q.method,
			       q.host, q.host_port, q.proxied, q.agent);
	} else if (http_is_response(bytes, len)) {
		v = http_parse_response(bytes, len, &r);
		if (v == DECODE_OK || v == DECODE_TRUNCATED)
			printf("\tstatus=%u\tserver=%s\tlength=%lld", r.status, r.server,
			       r.body.has_length ? (long long)r.body.length : -1);
	}
}

static void print_rest(const uint8_t *bytes, size_t len)
{
	enum decode_verdict verdict;
	struct ssh_hello ssh;
	struct socks_request socks;
	char text[ADDRESS_TEXT_SIZE];
	const uint8_t *message;
	size_t message_len;

	verdict = ssh_parse_hello(bytes, len, &ssh);
	if (ssh.software_len && verdict < DECODE_VERDICTS)
		printf("\tssh=%s\thassh=%s", ssh.software, ssh.hassh);
	if (socks_parse_request(bytes, len, &socks) == DECODE_OK)
		printf("\tsocks=%s\tport=%u",
		       socks.name_len ? socks.name : address_text(&socks.address, text),
		       socks.port);
	if (dns_tcp_next(bytes, len, &message, &message_len)) {
		struct dns_message m;

		if (dns_parse(message, message_len, &m) == DECODE_OK && m.complete &&
		    m.count[0] == 1)
			printf("\tdns=%s", m.question);
	}
	if (entropy_looks_random(bytes, len))
		printf("\tnoise=1");
}

static void print_stream(const struct direction *s)
{
	if (s->len == 0)
		return;
	printf("stream");
	print_tuple(&s->tuple);
	printf("\t%s\t%s", app_name(spoken_by(s->bytes, s->len, true)),
	       app_name(spoken_by(s->bytes, s->len, false)));
	print_http(s->bytes, s->len);
	print_rest(s->bytes, s->len);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct dump dump = {.slots = calloc(SLOTS, sizeof(*dump.slots)),
			    .order = calloc(SLOTS, sizeof(struct direction *))};
	const struct input_sink sink = {.frame = see_frame, .arg = &dump};
	struct input_plan plan;
	struct complaint why;
	int rc;

	CHECK(dump.slots && dump.order);
	if (argc != 2 || input_plan((const char *const *)argv + 1, 1, &plan) || plan.count != 1) {
		fprintf(stderr, "usage: app_dump CAPTURE\n");
		return 2;
	}
	rc = input_read(&plan.files[0], &sink, &why);
	if (rc)
		fprintf(stderr, "%s\n", why.text);
	for (size_t i = 0; i < dump.count; i++) {
		print_stream(dump.order[i]);
		free(dump.order[i]->bytes);
	}
	free(dump.order);
	free(dump.slots);
	input_plan_fini(&plan);
	return rc ? 1 : 0;
}
