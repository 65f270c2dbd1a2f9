/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/script.h"

#include "net/packet.h"

#include <netinet/in.h>

/*
 * A turn of TCP:	data data ACK data data ACK data
 *			  0    1        2    3        4
 * `step` says what comes next; STEP_TURN_ACK follows every second segment.
 */
enum step {
	STEP_SYN,
	STEP_SYN_ACK,
	STEP_ACK,
	STEP_TURN,
	STEP_TURN_ACK,
	STEP_FIN,
	STEP_FIN_BACK,
	STEP_LAST_ACK,
	STEP_SYN_AGAIN,
	STEP_RESET,
	STEP_OVER,
};

#define MICROSECOND ((ns_t)1000)

enum { QUICK_SEGMENTS = 64, TINY = 64 };

static ns_t whole_us(ns_t t)
{
	return t - t % MICROSECOND;
}

/*
 * Full segments, then the rest; a tiny rest shares with the segment before it,
 * so that every segment has room for a record header.
 */
static uint32_t segment_length(uint64_t turn, uint64_t segments, uint64_t segment, uint32_t mss)
{
	uint64_t rest = turn - (segments - 1) * mss, last_two = mss + rest;

	if (segments >= 2 && rest < TINY && segment + 2 >= segments)
		return (uint32_t)(segment + 2 == segments ? last_two - last_two / 2 : last_two / 2);
	return segment + 1 == segments ? (uint32_t)rest : mss;
}

/* Short turns go out at line speed; long ones fill almost half of their window. */
static ns_t pace(uint64_t segments, ns_t window)
{
	ns_t even = window * 45 / 100 / (ns_t)(segments + 1);

	if (segments <= QUICK_SEGMENTS && even > 20 * MICROSECOND)
		return 20 * MICROSECOND;
	return even;
}

static void plan_turn_udp(struct sim_script *s, uint64_t bytes)
{
	s->gap = 10 * MICROSECOND;
	s->turn_start = s->call.when;
	s->segments = sim_segments(bytes, SIM_DATAGRAM);
	if (!s->outward)
		s->turn_start += s->call.duration - (ns_t)(s->segments - 1) * s->gap;
}

/* The first half of an exchange. */
static bool leads(const struct sim_script *s)
{
	return s->outward != s->call.told_first;
}

static void plan_turn(struct sim_script *s)
{
	const struct sim_call *c = &s->call;
	uint64_t bytes = sim_call_turn(c, s->exchange, s->outward);
	ns_t start, window, lag;

	s->turn_bytes = bytes;
	s->segment = 0;
	if (sim_call_is_datagram(c)) {
		plan_turn_udp(s, bytes);
		return;
	}
	sim_call_window(c, s->exchange, &start, &window);
	s->segments = sim_segments(bytes, sim_call_mss(c));
	s->gap = pace(s->segments, window);
	if (leads(s)) {
		lag = s->gap * (ns_t)(s->segments + 1);
		s->next_turn = lag > c->rtt ? lag : c->rtt;
		if (s->next_turn > window / 2)
			s->next_turn = window / 2;
		s->next_turn += c->when + start;
		s->turn_start = c->when + start;
	} else {
		s->turn_start = s->next_turn;
	}
}

/* The next turn that says anything, or false when all is said. */
static bool next_turn(struct sim_script *s)
{
	uint32_t exchanges = sim_call_exchanges(&s->call);
	bool answered = s->call.answer == ANSWER_YES;

	do {
		if (!leads(s) || !answered)
			s->exchange++;
		if (answered)
			s->outward = !s->outward;
		if (s->exchange >= exchanges)
			return false;
		plan_turn(s);
	} while (s->segments == 0);
	return true;
}

static void first_turn(struct sim_script *s)
{
	s->exchange = 0;
	s->outward = !s->call.told_first;
	plan_turn(s);
	if (s->segments == 0 && !next_turn(s))
		s->step = STEP_FIN;
}

static void send_packet(struct sim_script *s, ns_t when, bool outward, uint8_t flags, uint32_t len)
{
	struct sim_packet *p = &s->packet;

	p->when = whole_us(when);
	p->outward = outward;
	p->tcp_flags = flags;
	p->len = len;
	p->seq = s->sent[outward ? 0 : 1];
	p->ack = s->sent[outward ? 1 : 0];
	s->sent[outward ? 0 : 1] += len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

static void send_segment(struct sim_script *s)
{
	const struct sim_call *c = &s->call;
	bool tcp = !sim_call_is_datagram(c);
	uint64_t i = s->segment++;
	uint32_t len = segment_length(s->turn_bytes, s->segments, i, sim_call_mss(c));
	bool last = s->segment == s->segments;

	s->packet.exchange = s->exchange;
	s->packet.segment = i;
	s->packet.turn_bytes = s->turn_bytes;
	send_packet(s, s->turn_start + (ns_t)i * s->gap, s->outward,
		    tcp ? (uint8_t)(TCP_ACK | (last ? TCP_PSH : 0)) : 0, len);
	if (tcp && i % 2 == 1)
		s->step = STEP_TURN_ACK;
	else if (last && !next_turn(s))
		s->step = tcp ? STEP_FIN : STEP_OVER;
}

static void send_turn_ack(struct sim_script *s)
{
	ns_t when = s->turn_start + (ns_t)(s->segment - 1) * s->gap + s->gap / 2;

	send_packet(s, when, !s->outward, TCP_ACK, 0);
	s->step = STEP_TURN;
	if (s->segment == s->segments && !next_turn(s))
		s->step = STEP_FIN;
}

static void send_opening(struct sim_script *s)
{
	const struct sim_call *c = &s->call;

	switch (s->step) {
	case STEP_SYN:
		send_packet(s, c->when, true, TCP_SYN, 0);
		s->step = c->answer == ANSWER_YES    ? STEP_SYN_ACK
			  : c->answer == ANSWER_NONE ? STEP_SYN_AGAIN
						     : STEP_RESET;
		break;
	case STEP_SYN_ACK:
		send_packet(s, c->when + c->rtt, false, TCP_SYN | TCP_ACK, 0);
		s->step = STEP_ACK;
		break;
	case STEP_ACK:
		send_packet(s, c->when + c->rtt + 30 * MICROSECOND, true, TCP_ACK, 0);
		s->step = STEP_TURN;
		first_turn(s);
		break;
	case STEP_SYN_AGAIN: /* after 1, 3 and 7 s */
		s->sent[0] = 0;
		s->segment = 2 * s->segment + 1;
		send_packet(s, c->when + (ns_t)s->segment * NS_PER_SEC, true, TCP_SYN, 0);
		s->step = s->segment < 7 ? STEP_SYN_AGAIN : STEP_OVER;
		break;
	default:
		send_packet(s, c->when + c->rtt, false, TCP_RST | TCP_ACK, 0);
		s->step = STEP_OVER;
	}
}

static void send_closing(struct sim_script *s)
{
	ns_t end = s->call.when + s->call.duration;

	switch (s->step) {
	case STEP_FIN:
		send_packet(s, end - sim_call_closing(&s->call), true, TCP_FIN | TCP_ACK, 0);
		s->step = STEP_FIN_BACK;
		break;
	case STEP_FIN_BACK:
		send_packet(s, end - 20 * MICROSECOND, false, TCP_FIN | TCP_ACK, 0);
		s->step = STEP_LAST_ACK;
		break;
	default:
		send_packet(s, end, true, TCP_ACK, 0);
		s->step = STEP_OVER;
	}
}

void sim_script_step(struct sim_script *s)
{
	s->packet.number++;
	switch (s->step) {
	case STEP_TURN:
		send_segment(s);
		break;
	case STEP_TURN_ACK:
		send_turn_ack(s);
		break;
	case STEP_FIN:
	case STEP_FIN_BACK:
	case STEP_LAST_ACK:
		send_closing(s);
		break;
	case STEP_OVER:
		s->done = true;
		break;
	default:
		send_opening(s);
	}
}

void sim_script_start(struct sim_script *s, const struct sim_call *call)
{
	*s = (struct sim_script){.call = *call, .step = STEP_SYN};
	if (sim_call_is_datagram(call)) {
		s->step = STEP_TURN;
		first_turn(s);
	}
	sim_script_step(s);
	s->packet.number = 0;
}
