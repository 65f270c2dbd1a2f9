/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/claims.h"
#include "lane/opening_parts.h"

#include "flow/stream.h"
#include "proto/dtls.h"
#include "proto/ntp.h"
#include "proto/quic.h"
#include "proto/spoken.h"

enum {
	PORT_DNS = 53,
	LOOKS = 4,	     /* datagrams in which a language shows itself */
	HELLO_DATAGRAMS = 12 /* in which the hello of QUIC or DTLS has to be complete */
};

/* What came of a hello so far.  One that is followed by another kind of hello starts anew. */
struct hello_state {
	enum app app; /* APP_UNKNOWN: nothing yet */
	union {
		struct quic_opening quic;
		struct dtls_opening dtls;
	};
};
_Static_assert(sizeof(struct hello_state) <= STREAM_MAX, "it lies in a buffer of streams");

static enum decode_verdict put_together(const struct opening_context *context,
					struct hello_state *state, const struct packet *packet,
					enum app app, struct tls_hello *out)
{
	if (state->app != app && state->app != APP_UNKNOWN)
		*state = (struct hello_state){0};
	state->app = app;
	if (app == APP_QUIC)
		return quic_read(context->quic, &state->quic, packet->payload,
				 packet->payload_captured, out);
	return dtls_read(&state->dtls, packet->payload, packet->payload_captured, out);
}

static struct tuple reversed(const struct tuple *t)
{
	return (struct tuple){
		.src = t->dst,
		.dst = t->src,
		.src_port = t->dst_port,
		.dst_port = t->src_port,
		.proto = t->proto,
		.network = t->network,
	};
}

/*
 * A resolver may reuse one 5-tuple for hours: this is never settled while it speaks DNS.
 * `ends` has the client as src, who `asks` in this packet or is answered.
 */
static bool read_dns(const struct opening_context *context, struct flow *flow,
		     const struct packet *packet, const struct tuple *ends, bool asks,
		     uint8_t looks)
{
	struct dns_message message;

	if (dns_parse(packet->payload, packet->payload_captured, &message) == DECODE_MALFORMED) {
		context->stats->unread++;
		if (flow->app == APP_DNS)
			return false;
		claims_unknown(flow, packet->payload, packet->payload_captured);
		return looks >= LOOKS;
	}
	message.bytes = packet->payload_bytes; /* as it was, however little was captured */
	claims_app(flow, APP_DNS, asks);
	if (asks != message.response)
		claims_dns(context, ends, &message, packet->when);
	return false;
}

static bool read_hello(const struct opening_context *context, struct flow *flow,
		       const struct packet *packet, uint8_t looks, enum app app)
{
	struct hello_state *state =
		stream_scratch(context->streams, &flow->out_stream, &packet->tuple);
	struct tls_hello hello;
	enum decode_verdict verdict;

	if (flow->app == APP_STUN)
		flow->app = APP_UNKNOWN; /* it only opened the way */
	claims_app(flow, app, true);
	if (!state)
		return true;
	context->stats->datagrams++;
	verdict = put_together(context, state, packet, app, &hello);
	if (verdict == DECODE_OK || verdict == DECODE_TRUNCATED)
		claims_hello(context, flow, &hello);
	context->stats->unread += verdict == DECODE_MALFORMED;
	return verdict == DECODE_OK || verdict == DECODE_MALFORMED || looks >= HELLO_DATAGRAMS;
}

/*
 * What a client may say before its hello: STUN opens the way for DTLS (RFC 8827), and data
 * of an earlier session (0-RTT) may overtake the Initial of QUIC.  A version that
 * the server is to refuse (RFC 9000, 6.3) is a hello that cannot be read.
 */
static bool goes_before_a_hello(enum app app)
{
	return app == APP_STUN || app == APP_QUIC;
}

bool opening_read_datagram(const struct opening_context *context, struct flow *flow,
			   const struct packet *packet, bool outward, uint8_t looks)
{
	const uint8_t *bytes = packet->payload;
	size_t len = packet->payload_captured;
	bool waits = outward && stream_is_pending(&flow->out_stream);
	enum app app;

	if (flow->tuple.dst_port == PORT_DNS)
		return read_dns(context, flow, packet, &flow->tuple, outward, looks);
	if (flow->tuple.src_port == PORT_DNS) { /* an answer was captured first */
		struct tuple ends = reversed(&flow->tuple);

		return read_dns(context, flow, packet, &ends, !outward, looks);
	}
	if (outward && quic_is_initial(bytes, len))
		return read_hello(context, flow, packet, looks, APP_QUIC);
	if (outward && dtls_is_hello(bytes, len))
		return read_hello(context, flow, packet, looks, APP_DTLS);
	app = spoken_in_datagram(bytes, len, flow->tuple.dst_port);
	if (app != APP_UNKNOWN) {
		claims_app(flow, app, outward);
		if (app == APP_NTP && !outward && !ntp_tells_time(bytes, len))
			flow->claims |= CLAIM_OTHER_PROTOCOL;
		return looks >= HELLO_DATAGRAMS ||
		       !(waits || (outward && goes_before_a_hello(app)));
	}
	if (outward)
		claims_unknown(flow, bytes, len);
	return looks >= (waits ? HELLO_DATAGRAMS : LOOKS);
}
