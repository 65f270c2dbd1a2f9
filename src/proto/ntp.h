/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntp.h - does a server's packet tell the time?
 *
 * RFC 5905, 7.3:
 *
 *	| flags 1 | stratum 1 | poll 1 | precision 1 | delay 4 | dispersion 4 | reference id 4 |
 *	| reference 8 | origin 8 | receive 8 | transmit 8 |
 *
 * spoken.h tells NTP by its first twelve bytes.  Those behind hold times, and between
 * getting a request and answering it lies no day: not even in interleaved mode, where
 * the answer before is spoken of.  The capture's own clock is not asked, which may be wrong.
 *
 * Pure, no allocation.
 */
#pragma once

#include "base/base.h"

/* True also for what is no answer of a server that claims to know the time (strata 1 to 15). */
bool ntp_tells_time(const uint8_t *bytes, size_t len);
