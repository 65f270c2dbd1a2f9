/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken.h - which language do the first bytes of a conversation look like?
 *
 * By what is said, never by the port alone.  The rules are strict enough that
 * random bytes pass none of them more often than once in 100,000 times: 17 bits or
 * more have to be right.  What passes here need not be well formed; the parser of that
 * protocol says more.  Pure functions, no allocation; about 50 to 100 ns for
 * bytes that are nothing we know.
 */
#pragma once

#include "proto/app.h"

/*
 * The start of one direction of a TCP stream; APP_UNKNOWN also if there is too
 * little of it.  `by_client`: sent by the initiator.  Where both directions are
 * known and differ the server's word counts for more, since some greetings are
 * shared: "USER joe" opens FTP and POP3.
 */
enum app spoken_by(const uint8_t *bytes, size_t len, bool by_client);

/* One UDP payload, `len` bytes of it captured; `port` is the responder's, which splits
 * DNS, mDNS and LLMNR and must be right for what a payload alone does not tell. */
enum app spoken_in_datagram(const uint8_t *bytes, size_t len, uint16_t port);

enum port_fit {
	PORT_FIT_UNKNOWN, /* nothing said, no well-known port, or met there often enough */
	PORT_FIT_GOOD,	  /* belongs there */
	PORT_FIT_BAD,	  /* the port is known for something else */
};

/* `proto` is the IP protocol number, `port` the responder's. */
enum port_fit spoken_fits_port(enum app app, uint8_t proto, uint16_t port);
