/* SPDX-License-Identifier: Apache-2.0 */
/*
 * initiator.h - who began, when whoever spoke first may have wanted to mislead.
 *
 * A server that knows when it is to be called, and from which port, can send one
 * packet before: a SYN, an acknowledgement, a datagram or an echo reply that the
 * host drops.  Were the first packet believed, all that the host says afterwards
 * would be an answer, and inbound.  So what the fleet itself sends has the say
 * wherever it can tell.  The price of a mistake is a call too many in the report.
 *
 * Pure functions.
 */
#pragma once

#include "flow/flow.h"
#include "flow/home.h"
#include "net/packet.h"

/*
 * `packet` comes from the responder of `flow`, so far.  Does it show that this
 * host of the fleet calls out, after all?  So does a SYN or an echo request; and
 * without a handshake its first word, from a port such as systems hand out for
 * calls to one that they do not, or where there are no ports.  (IANA and RFC 6335
 * begin these ports at 49152, Linux at 32768.)
 */
bool initiator_is_sender(const struct home *home, const struct flow *flow,
			 const struct packet *packet);

/* Would a packet from `src` leave the fleet? */
bool initiator_is_home(const struct home *home, const struct tuple *tuple);
