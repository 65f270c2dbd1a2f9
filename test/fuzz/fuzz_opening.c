/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte 0 chooses protocol and port, byte 1 the sizes of pieces.  Then turns: a
 * byte for the direction and two for the length before the bytes of each.  The
 * conversation is read whole, in pieces and in pieces out of order, each time
 * in a flow of its own; whatever is claimed has to be of sound mind.
 */
#include "flow/fingerprint.h"
#include "flow/stream.h"
#include "lane/opening.h"

#include <netinet/in.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { BUDGET = 1 << 20 };

static struct opening_context context;
static uint64_t lookups;

static void set_up(void)
{
	opening_fini(&context);
	name_map_free(context.name_map);
	string_table_free(context.fingerprints);
	string_table_free(context.names);
	context = (struct opening_context){
		.names = string_table_new(BUDGET),
		.fingerprints = string_table_new(BUDGET),
		.name_map = name_map_new(64),
		.lookups = &lookups,
	};
	CHECK(opening_init(&context, BUDGET));
}

static void give(struct flow *flow, bool outward, uint32_t seq, const uint8_t *bytes, size_t len,
		 uint8_t flags)
{
	struct packet p = {
		.when = NS_PER_SEC,
		.tuple = flow->tuple,
		.payload = len ? bytes : NULL,
		.payload_bytes = (uint32_t)len,
		.payload_captured = (uint32_t)len,
		.tcp_seq = seq,
		.tcp_flags = flags,
	};

	if (!outward) {
		p.tuple.src = flow->tuple.dst;
		p.tuple.dst = flow->tuple.src;
		p.tuple.src_port = flow->tuple.dst_port;
		p.tuple.dst_port = flow->tuple.src_port;
	}
	if (opening_wants(flow, &p, outward))
		opening_read(&context, flow, &p, outward);
}

/* Pieces of `size`; with `swap`, each two the wrong way round. */
static void deliver(struct flow *flow, bool outward, uint32_t seq, const uint8_t *bytes, size_t len,
		    size_t size, bool swap)
{
	for (size_t i = 0; i * size < len; i++) {
		size_t at = (swap ? i ^ 1 : i) * size;

		if (at >= len)
			at = i * size;
		give(flow, outward, seq + (uint32_t)at, bytes + at,
		     len - at < size ? len - at : size, TCP_ACK);
	}
}

static void converse(struct flow *flow, const uint8_t *bytes, size_t len, size_t size, bool swap)
{
	uint32_t seq[2] = {0xffffff80, 1};

	if (flow->tuple.proto == IPPROTO_TCP)
		give(flow, true, seq[1] - 1, NULL, 0, TCP_SYN);
	for (size_t at = 0; at + 3 <= len;) {
		bool outward = bytes[at] & 1;
		size_t turn = (size_t)bytes[at + 1] << 8 | bytes[at + 2];

		at += 3;
		if (turn > len - at)
			turn = len - at;
		deliver(flow, outward, seq[outward], bytes + at, turn, size ? size : turn, swap);
		seq[outward] += (uint32_t)turn;
		at += turn;
	}
	flow->bursts++;
	opening_ended(&context, flow);
}

static void check(const struct flow *flow)
{
	struct fingerprint f = fingerprint_get(context.fingerprints, flow->fingerprint);
	size_t texts = string_table_count(context.fingerprints);

	CHECK(stream_stats(context.streams).live == 0);
	CHECK(flow->app < APPS && flow->claims < CLAIMS_END);
	CHECK(flow->name <= string_table_count(context.names) && flow->fingerprint <= texts);
	CHECK(f.ja3 <= texts && f.ja4 <= texts && f.hassh <= texts && f.agent <= texts);
	CHECK(!f.ja4 || strlen(string_table_get(context.fingerprints, f.ja4)) == 36);
	CHECK(!f.ja3 || strlen(string_table_get(context.fingerprints, f.ja3)) == 32);
	CHECK(!(flow->claims & CLAIM_NO_SNI) || f.tls_offer || flow->app != APP_UNKNOWN);
	CHECK(!(flow->claims & CLAIM_PROXIED) || flow->app != APP_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint16_t ports[] = {443, 80, 53, 22, 1080, 3128, 123, 9999};
	struct flow whole = {.tuple = {.src_port = 50000}}, pieces, swapped;

	if (len < 2 || len > 4096)
		return 0;
	if (!context.names || string_table_count(context.names) > 4000 ||
	    string_table_count(context.fingerprints) > 4000)
		set_up();
	whole.tuple.proto = bytes[0] & 1 ? IPPROTO_UDP : IPPROTO_TCP;
	whole.tuple.dst_port = ports[bytes[0] >> 1 & 7];
	whole.tuple.src = address_v4((uint8_t[]){10, 0, 0, 1});
	whole.tuple.dst = address_v4((uint8_t[]){192, 0, 2, 1});
	pieces = swapped = whole;
	converse(&whole, bytes + 2, len - 2, 0, false);
	check(&whole);
	converse(&pieces, bytes + 2, len - 2, 1 + bytes[1] / 2, false);
	check(&pieces);
	converse(&swapped, bytes + 2, len - 2, 1 + bytes[1] / 2, true);
	check(&swapped);
	return 0;
}
