/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detectors.h - every detector there is, one file each.
 */
#pragma once

#include <stdbool.h>

struct detector;

/* One a line, so that two may be added at once. */
/* clang-format off */
extern const struct detector detect_timing; /* calls keep a rhythm */
extern const struct detector detect_prevalence; /* few hosts of the fleet go there */
extern const struct detector detect_lookup; /* no DNS answer gave the host this address */
extern const struct detector detect_bare; /* TLS without a name, or a Host that is an address */
extern const struct detector detect_name; /* the name it claims is not what DNS said */
extern const struct detector detect_certificate; /* homemade, out of date or another's */
extern const struct detector detect_client; /* hardly any host has such a client */
extern const struct detector detect_new; /* nobody went there before */
extern const struct detector detect_port; /* not a port of a common service */
extern const struct detector detect_upload; /* more goes out than comes back */
extern const struct detector detect_exfil; /* far more goes there than from its like */
extern const struct detector detect_jump; /* far more goes there than before */
extern const struct detector detect_slow; /* little at a time, out and out */
extern const struct detector detect_load; /* what it sends follows what the host serves */
extern const struct detector detect_long; /* a connection that stays */
extern const struct detector detect_stays; /* connected nearly all the time, by connecting anew */
extern const struct detector detect_shell; /* somebody types at the far end */
extern const struct detector detect_orders; /* the far end has the say */
extern const struct detector detect_size; /* every call has the same size */
extern const struct detector detect_retry; /* tries in groups, or ever later */
extern const struct detector detect_boot; /* the first thing called after a boot */
extern const struct detector detect_preboot; /* called before the host was up */
extern const struct detector detect_answer; /* calls that nobody answers */
extern const struct detector detect_hopping; /* another address or port each time */
extern const struct detector detect_peers; /* one rhythm to many destinations */
extern const struct detector detect_dns_tunnel; /* information goes out in look-ups */
extern const struct detector detect_icmp_tunnel; /* pings that carry something */
extern const struct detector detect_doh; /* an encrypted resolver is kept busy */
extern const struct detector detect_protocol; /* not what the port is for */
extern const struct detector detect_noise; /* no known protocol, and it looks encrypted */
extern const struct detector detect_raw; /* neither TCP, UDP nor ICMP */
extern const struct detector detect_known; /* a periodic service known to be ordinary */
extern const struct detector detect_intel; /* a list names it ... */
extern const struct detector detect_intel_hint; /* ... or something that others may share */
/* clang-format on */

struct subject;

/* Explained by a protocol or by a service under whose name nobody else can answer? */
bool detect_known_for_sure(const struct subject *subject);

/* What the catalogue holds of the place; NULL: nothing. */
struct service;
const struct service *detect_known_service(const struct subject *subject);
