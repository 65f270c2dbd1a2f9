/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk_dump - what we understood of a capture, one JSON object per line, for
 * comparison with other programs:
 *
 *	{"kind": "flow", ...}	each conversation that ended, as the lane tells it
 *	{"kind": "dns", ...}	each DNS message on port 53, 5353 or 5355
 *	{"kind": "request", ...}  {"kind": "response", ...}	each head of HTTP/1
 *
 * Every hard bound of memory is far above what the captures need, so nothing
 * that differs does so for lack of room.
 */
#include "flow/community_id.h"
#include "input/input.h"
#include "lane/lanes.h"
#include "messages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_text(const char *key, const char *text)
{
	printf(", \"%s\": \"", key);
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
			printf("\\u%04x", (unsigned char)*c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void print_known(const char *key, const struct string_table *table, uint32_t number)
{
	if (number)
		print_text(key, string_table_get(table, number));
}

static void print_tuple(const struct tuple *t, uint16_t seed)
{
	char text[ADDRESS_TEXT_SIZE], id[COMMUNITY_ID_SIZE];

	print_text("src", address_text(&t->src, text));
	print_text("dst", address_text(&t->dst, text));
	printf(", \"sport\": %u, \"dport\": %u, \"proto\": %u, \"network\": %" PRIu32, t->src_port,
	       t->dst_port, t->proto, t->network);
	print_text("community_id", community_id(t, seed, id));
}

static void print_fingerprint(const struct lane *lane, uint32_t number)
{
	const struct string_table *table = lane_fingerprints(lane);
	struct fingerprint f;

	if (!number)
		return;
	memcpy(&f, string_table_get(table, number), sizeof(f));
	print_known("ja3", table, f.ja3);
	print_known("ja4", table, f.ja4);
	print_known("hassh", table, f.hassh);
	print_known("agent", table, f.agent);
	print_known("alpn", table, f.alpn);
	printf(", \"tls_offer\": %u, \"tls_taken\": %u", f.tls_offer, f.tls_taken);
}

static void print_flow(const struct lane *lane, const struct flow *f, void *arg)
{
	const uint16_t *seed = arg;

	printf("{\"kind\": \"flow\"");
	print_tuple(&f->tuple, *seed);
	printf(", \"first\": %" PRId64 ", \"last\": %" PRId64, (int64_t)f->first, (int64_t)f->last);
	printf(", \"out_packets\": %" PRIu32 ", \"in_packets\": %" PRIu32, f->out_packets,
	       f->in_packets);
	printf(", \"out_bytes\": %" PRIu64 ", \"in_bytes\": %" PRIu64, f->out_bytes, f->in_bytes);
	printf(", \"out_payload\": %" PRIu64 ", \"in_payload\": %" PRIu64, f->out_payload,
	       f->in_payload);
	print_text("app", app_name(f->app));
	print_known("name", lane_names(lane), f->name);
	printf(", \"claims\": %" PRIu32 ", \"answer\": %u, \"end\": %u, \"inferred\": %u",
	       f->claims, f->answer, f->end, f->inferred);
	printf(", \"out_flags\": %u, \"in_flags\": %u", f->out_flags, f->in_flags);
	print_fingerprint(lane, f->fingerprint);
	printf("}\n");
}

static void print_dns(const struct dns_message *m)
{
	char text[ADDRESS_TEXT_SIZE];

	printf(", \"id\": %u, \"response\": %u, \"rcode\": %u, \"qtype\": %u", m->id, m->response,
	       m->rcode, m->question_type);
	print_text("query", m->question);
	printf(", \"addresses\": [");
	for (size_t i = 0; i < m->address_count; i++)
		printf("%s\"%s\"", i ? ", " : "", address_text(&m->addresses[i], text));
	putchar(']');
}

static void print_message(const struct tuple *sender, const struct dns_message *dns,
			  const struct http_request *request, const struct http_response *response)
{
	printf("{\"kind\": \"%s\"", dns ? "dns" : request ? "request" : "response");
	print_tuple(sender, 0);
	if (dns)
		print_dns(dns);
	if (request) {
		print_text("method", request->method);
		print_text("host", request->host);
		print_text("agent", request->agent);
	}
	if (response) {
		printf(", \"status\": %u", response->status);
		print_text("server", response->server);
	}
	printf("}\n");
}

/* The room that reads the capture, and a way into it. */
struct reader {
	struct lanes *lanes;
	struct input_sink sink;
	struct messages *messages;
	uint16_t seed; /* of Community IDs of flows */
};

static void on_frame(void *arg, const struct frame *frame)
{
	struct reader *r = arg;

	r->sink.frame(r->sink.arg, frame);
	messages_frame(r->messages, frame);
}

static void on_turn(void *arg, bool all)
{
	struct reader *r = arg;

	r->sink.turn(r->sink.arg, all);
}

/* A sink that hands everything to the lanes, frames by way of on_frame(). */
static struct input_sink reader_start(struct reader *r)
{
	struct home home = home_default();

	r->lanes = lanes_new(&home, (size_t)256 << 20, 1);
	CHECK(r->lanes);
	for (size_t i = 0; i < LANES; i++)
		lane_watch(lanes_get(r->lanes, i), print_flow, &r->seed);
	r->sink = lanes_sink(r->lanes);
	r->messages = messages_new(print_message);
	return (struct input_sink){
		.frame = on_frame, .turn = on_turn, .buffers = r->sink.buffers, .arg = r};
}

int main(int argc, char **argv)
{
	struct reader reader = {.seed = argc == 3 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0};
	struct input_sink sink = reader_start(&reader);
	struct input_plan plan;
	struct complaint why;
	int rc;

	if (argc < 2 || argc > 3 || input_plan((const char *const *)argv + 1, 1, &plan)) {
		fprintf(stderr, "usage: talk_dump CAPTURE [SEED]\n");
		return 2;
	}
	if (plan.count != 1) {
		fprintf(stderr, "%s: not read: %s\n", argv[1],
			plan.complaint_count ? plan.complaints[0].complaint.text : "skipped");
		return 1;
	}
	rc = input_read(&plan.files[0], &sink, &why);
	if (rc)
		fprintf(stderr, "%s\n", why.text);
	lanes_flush(reader.lanes);
	messages_free(reader.messages);
	input_plan_fini(&plan);
	lanes_free(reader.lanes);
	return rc ? 1 : 0;
}
