/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/initiator.h"

#include <netinet/in.h>

enum { PORT_HANDED_OUT = 32768 };

static bool calls(uint16_t from, uint16_t to)
{
	return to < 1024 ? from >= 1024 : from >= PORT_HANDED_OUT && to < PORT_HANDED_OUT;
}

static bool is_request(uint8_t proto, uint16_t type)
{
	if (proto == IPPROTO_ICMPV6)
		return type == 128 || type == 139;		    /* echo, node information */
	return type == 8 || type == 13 || type == 15 || type == 17; /* echo, time, ... */
}

bool initiator_is_home(const struct home *home, const struct tuple *t)
{
	return home_contains(home, &t->src) && !home_contains(home, &t->dst);
}

bool initiator_is_sender(const struct home *home, const struct flow *flow, const struct packet *p)
{
	const struct tuple *t = &p->tuple;
	bool first_word = flow->in_packets == 0;

	switch (t->proto) {
	case IPPROTO_TCP:
		if ((p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN)
			break;
		if (flow->inferred && first_word && calls(t->src_port, t->dst_port))
			break;
		return false;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (is_request(t->proto, t->src_port))
			break;
		return false;
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		if (first_word && calls(t->src_port, t->dst_port))
			break;
		return false;
	default:
		if (first_word)
			break;
		return false;
	}
	return initiator_is_home(home, t);
}
