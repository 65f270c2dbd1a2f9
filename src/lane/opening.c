/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/opening.h"

#include "flow/stream.h"
#include "lane/claims.h"
#include "lane/opening_parts.h"
#include "proto/quic_keys.h"

#include <netinet/in.h>

bool opening_init(struct opening_context *context, size_t budget)
{
	context->streams = stream_pool_new(budget);
	context->quic = quic_keys_new();
	context->stats = calloc(1, sizeof(*context->stats));
	return context->streams && context->quic && context->stats;
}

void opening_fini(struct opening_context *context)
{
	stream_pool_free(context->streams);
	quic_keys_free(context->quic);
	free(context->stats);
}

static void settle(const struct opening_context *context, struct flow *flow, struct stream *s,
		   const struct tuple *sender, bool outward)
{
	stream_settle(context->streams, s, sender);
	*(outward ? &flow->opening_out : &flow->opening_in) = OPENING_SETTLED;
}

static struct step take_step(const struct opening_context *context, struct flow *flow,
			     const struct stream_view *view, ns_t when, bool outward)
{
	uint8_t *looks = outward ? &flow->opening_out : &flow->opening_in;
	struct reading r = {
		.context = context,
		.flow = flow,
		.bytes = view->bytes,
		.len = view->len,
		.when = when,
		.final = view->final,
		.midstream = view->midstream,
		.looks = *looks,
	};

	context->stats->openings += *looks == 0;
	if (*looks < OPENING_LOOKS_MAX)
		++*looks;
	if (view->len == 0)
		return (struct step){0, 0};
	return outward ? opening_read_client(&r) : opening_read_server(&r);
}

/*
 * Steps, until the reader has had enough or wants more than is there.  Whatever
 * is done with is gone for good, so there are no more steps than bytes.
 */
enum { STEPS_MAX = 8 }; /* a proxy, a tunnel, a hello: nobody honest nests deeper */

static void read_segment(const struct opening_context *context, struct flow *flow,
			 const struct packet *packet, bool outward)
{
	struct stream *s = outward ? &flow->out_stream : &flow->in_stream;
	struct stream_view view, rest;
	struct step step;
	size_t done = 0;

	if (!stream_read(context->streams, s, packet, &view))
		return;
	rest = view;
	for (int steps = 0; steps < STEPS_MAX; steps++) {
		step = take_step(context, flow, &rest, packet->when, outward);
		if (step.need == 0)
			break;
		done += step.done;
		if (step.done == 0 || step.done >= rest.len || rest.len - step.done < step.need)
			break;
		rest.bytes += step.done;
		rest.len -= step.done;
	}
	if (step.need && (!view.final || done))
		stream_keep(context->streams, s, packet, &view, done, step.need);
	else
		settle(context, flow, s, &packet->tuple, outward);
	if (step.need == 0)
		s->next = packet->tcp_seq + packet->payload_bytes; /* for read_further() */
}

static void read_datagram(const struct opening_context *context, struct flow *flow,
			  const struct packet *packet, bool outward)
{
	uint8_t *looks = outward ? &flow->opening_out : &flow->opening_in;
	struct stream *s = outward ? &flow->out_stream : &flow->in_stream;

	context->stats->openings += *looks == 0;
	if (*looks < OPENING_LOOKS_MAX)
		++*looks;
	if (opening_read_datagram(context, flow, packet, outward, *looks))
		settle(context, flow, s, &packet->tuple, outward);
}

/* Another request on the same connection; but what comes again is nothing new. */
static void read_further(const struct opening_context *context, struct flow *flow,
			 const struct packet *packet)
{
	struct http_request request;

	if ((int32_t)(packet->tcp_seq - flow->out_stream.next) < 0)
		return;
	flow->out_stream.next = packet->tcp_seq + packet->payload_bytes;
	if (http_parse_request(packet->payload, packet->payload_captured, &request) ==
	    DECODE_MALFORMED)
		return;
	context->stats->requests++;
	claims_request(context, flow, &request);
}

void opening_read(const struct opening_context *context, struct flow *flow,
		  const struct packet *packet, bool outward)
{
	if (outward && flow->opening_out & OPENING_SETTLED) {
		if (packet->payload_captured)
			read_further(context, flow, packet);
	} else if (packet->tuple.proto == IPPROTO_TCP) {
		read_segment(context, flow, packet, outward);
	} else if (packet->tuple.proto == IPPROTO_UDP) {
		read_datagram(context, flow, packet, outward);
	} else {
		if (packet->tuple.proto == IPPROTO_ICMP || packet->tuple.proto == IPPROTO_ICMPV6)
			flow->app = APP_ICMP;
		settle(context, flow, outward ? &flow->out_stream : &flow->in_stream,
		       &packet->tuple, outward);
	}
}

static void end_direction(const struct opening_context *context, struct flow *flow, bool outward)
{
	struct stream *s = outward ? &flow->out_stream : &flow->in_stream;
	struct tuple back = {
		.src = flow->tuple.dst,
		.dst = flow->tuple.src,
		.src_port = flow->tuple.dst_port,
		.dst_port = flow->tuple.src_port,
		.proto = flow->tuple.proto,
		.network = flow->tuple.network,
	};
	const struct tuple *sender = outward ? &flow->tuple : &back;
	struct stream_view view;
	struct step step;

	if (!stream_is_pending(s))
		return;
	if (flow->tuple.proto == IPPROTO_TCP && stream_rest(context->streams, s, sender, &view))
		do {
			step = take_step(context, flow, &view, flow->last, outward);
			view.bytes += step.done;
			view.len -= step.done < view.len ? step.done : view.len;
		} while (step.done && view.len);
	settle(context, flow, s, sender, outward);
}

void opening_ended(const struct opening_context *context, struct flow *flow)
{
	end_direction(context, flow, true);
	end_direction(context, flow, false);
	if (flow->tuple.proto == IPPROTO_ICMP || flow->tuple.proto == IPPROTO_ICMPV6)
		flow->app = APP_ICMP;
}
