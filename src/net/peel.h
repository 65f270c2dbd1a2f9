/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peel.h - what the layers of a frame hand down to each other.
 *
 *	decode_frame() -> peel_link() -> peel_ethertype() -> peel_ipv4() -> peel_transport()
 *	                                     ^           `-> peel_ipv6() -'        |
 *	                                     `------------- peel_tunnel() <--------'
 *
 * Each layer takes its header off the front of `rest`, notes what it learnt in
 * the packet under work and returns what the next layer says.  IP begins a
 * packet, the transport header ends it, and a tunnel goes on to the next one.  A
 * new encapsulation is one function and one `case` in the layer that names it;
 * it goes on with peel_ethernet(), peel_ethertype(), peel_ppp() or peel_ip().
 *
 * Depth.  A frame may nest as it likes; we follow PACKET_LAYERS_MAX packets and, in
 * all, HEADERS_MAX tags, labels and tunnel headers: nothing comes around
 * twice without one of these.  A header taken in vain, by a guess that turned out
 * wrong, is not given back: so the work for one frame is bounded too.
 *
 * Private to net/.  Everything borrows the captured bytes.
 */
#pragma once

#include "net/packet.h"

enum { HEADERS_MAX = 32 };

/*
 * Bytes not yet peeled.  `length` is what the headers so far promise, and
 * `captured`, never more, is how much of it is at hand.  So a header that does
 * not fit in `length` is a contradiction, and one that does not fit in
 * `captured` was cut off by the capture.
 */
struct rest {
	const uint8_t *bytes;
	uint32_t captured, length;
};

struct peel {
	struct rest rest;
	struct packet *packet; /* under work: those before it are whole */
	struct packet *end;    /* of room for packets */
	unsigned reached; /* IP headers found: more than whole packets if one could not be read */
	unsigned headers; /* see HEADERS_MAX */
	ns_t when;	  /* of the frame */
	uint32_t network; /* of the next packet, see tuple.h */
	uint8_t inside;	  /* enum tunnel, likewise */
};

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | be16(p + 1);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* Can a header of `len` bytes be read?  If not, whose fault is it? */
static inline enum decode_verdict rest_has(const struct rest *rest, uint32_t len)
{
	if (len <= rest->captured)
		return DECODE_OK;
	return len <= rest->length ? DECODE_TRUNCATED : DECODE_MALFORMED;
}

/* Take off a header within `length`, even if the capture cut its end off. */
static inline void rest_skip(struct rest *rest, uint32_t len)
{
	uint32_t here = len < rest->captured ? len : rest->captured;

	rest->bytes += here;
	rest->captured -= here;
	rest->length -= len;
}

/* The header says that only `length` bytes follow: anything beyond is padding. */
static inline void rest_limit(struct rest *rest, uint32_t length)
{
	rest->length = length;
	if (rest->captured > length)
		rest->captured = length;
}

/* There is more inside, and we stop here: it shall not pass for something harmless. */
static inline enum decode_verdict peel_too_deep(struct peel *p)
{
	p->reached = PACKET_LAYERS_MAX + 1;
	return DECODE_UNSUPPORTED;
}

/* One more of the headers that are counted, `len` bytes: is it there? */
static inline enum decode_verdict peel_header(struct peel *p, uint32_t len)
{
	if (++p->headers > HEADERS_MAX)
		return peel_too_deep(p);
	return rest_has(&p->rest, len);
}

/*
 * Begin a packet: all but addresses, protocol and what peel_done() notes.  Field by
 * field, because compilers clear a whole struct of this size the slow way.
 */
static inline struct packet *peel_begin(struct peel *p, uint32_t bytes, uint32_t stamp)
{
	struct packet *packet = p->packet;

	packet->when = p->when;
	packet->tuple.src_port = packet->tuple.dst_port = 0;
	packet->tuple.zero = 0;
	packet->tuple.network = p->network;
	packet->bytes = bytes;
	packet->tcp_seq = 0;
	packet->stamp = stamp;
	packet->tcp_urgent = 0;
	packet->tcp_flags = 0;
	packet->inside = p->inside;
	packet->carries = TUNNEL_NONE;
	packet->fragment = packet->more_fragments = false;
	packet->fragment_at = 0;
	packet->fragment_id = 0;
	return packet;
}

/* It is whole: `rest` is its payload. */
static inline struct packet *peel_done(struct peel *p)
{
	struct packet *packet = p->packet;

	packet->payload_bytes = p->rest.length;
	packet->payload_captured = p->rest.captured;
	packet->payload = p->rest.captured ? p->rest.bytes : NULL;
	p->packet++;
	return packet;
}

/*
 * The header that should follow contradicts itself: no system would take it, but a
 * raw socket on either end does.  Who sends to whom is known all the same, so it
 * shall not go unseen: the packet is whole, without ports, and all is payload.
 */
static inline enum decode_verdict peel_contrary(struct peel *p)
{
	peel_done(p);
	return DECODE_MALFORMED;
}

typedef enum decode_verdict peel_fn(struct peel *p);

enum decode_verdict peel_link(struct peel *p, uint32_t link);
peel_fn peel_ethernet;
enum decode_verdict peel_ethertype(struct peel *p, uint16_t type);
peel_fn peel_llc;
peel_fn peel_mpls;     /* label stack */
peel_fn peel_pppoe;    /* session */
peel_fn peel_ppp;      /* with or without address and control */
peel_fn peel_hdlc;     /* PPP or Cisco's own framing */
peel_fn peel_wifi;     /* 802.11 */
peel_fn peel_radiotap; /* likewise */
peel_fn peel_nsh;

peel_fn peel_ip; /* version 4 or 6, by its first bits */
peel_fn peel_ipv4;
peel_fn peel_ipv6;
peel_fn peel_extensions; /* of IPv6, then the transport */
peel_fn peel_transport;	 /* the packet's proto says which */

/* Of tunnels: their headers, from behind IP or UDP to the packet inside. */
peel_fn peel_gre;
peel_fn peel_vxlan;
peel_fn peel_vxlan_gpe;
peel_fn peel_geneve;
peel_fn peel_gtp;
peel_fn peel_teredo;
peel_fn peel_l2tp_udp;
peel_fn peel_l2tp_ip;

/*
 * Open a tunnel of that kind in the payload of the packet just done.  If nothing
 * like IP is in there: of a guess nothing remains and the answer is DECODE_OK; else
 * the packet still carries a tunnel, and the answer is DECODE_OK or says why the
 * inside could not be read.
 */
enum decode_verdict peel_tunnel(struct peel *p, enum tunnel kind, peel_fn *open);
enum decode_verdict peel_guess(struct peel *p, enum tunnel kind, peel_fn *open);

/* Guess by the ports of the packet just done. */
enum decode_verdict peel_udp_payload(struct peel *p, uint16_t dst_port, uint16_t src_port);

/* On second thoughts the tunnel is of another kind, or of a virtual network. */
static inline void peel_is(struct peel *p, enum tunnel kind)
{
	p->inside = (uint8_t)kind;
	p->packet[-1].carries = (uint8_t)kind;
}

static inline void peel_in_network(struct peel *p, uint32_t identifier)
{
	p->network = (uint32_t)p->inside << 24 | identifier;
}

/* Try what may be wrong: if no IP header is found, `rest` is as it was. */
static inline bool peel_try(struct peel *p, peel_fn *next, enum decode_verdict *out_verdict)
{
	struct rest before = p->rest;
	unsigned reached = p->reached;

	*out_verdict = next(p);
	if (p->reached > reached)
		return true;
	p->rest = before;
	return false;
}

/* The EtherType of GRE and Geneve: as on a wire, but for whole Ethernet frames. */
enum decode_verdict peel_bridged(struct peel *p, uint16_t type);

/* A piece of a datagram: the packet ends here, and whatever it carries is payload. */
static inline enum decode_verdict peel_piece(struct peel *p, uint32_t at, bool more, uint32_t id)
{
	struct packet *packet = peel_done(p);

	packet->fragment = true;
	packet->more_fragments = more;
	packet->fragment_at = (uint16_t)at;
	packet->fragment_id = id;
	return DECODE_FRAGMENT;
}

/*
 * Go on from a datagram put together again: `whole` has addresses, protocol,
 * bytes and, as payload, all that IP carried.  Answers as decode_frame() does;
 * out[0] is `whole` with its transport header read.
 */
enum decode_verdict decode_datagram(const struct packet *whole,
				    struct packet out[PACKET_LAYERS_MAX],
				    unsigned *out_count) MUST_USE;
