/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ntp.h"

#include "base/cursor.h"

bool ntp_tells_time(const uint8_t *bytes, size_t len)
{
	enum { LEAST = 48, SERVER = 4, STRATUM_MOST = 15, RECEIVE = 32, TRANSMIT = 40 };
	const uint32_t day_and_a_half = 1 << 17; /* the longest poll, in seconds */
	struct cursor receive, transmit;
	uint32_t apart;

	if (len < LEAST || (bytes[0] & 7) != SERVER || bytes[1] == 0 || bytes[1] > STRATUM_MOST)
		return true;
	receive = cursor_over(bytes + RECEIVE, 4);
	transmit = cursor_over(bytes + TRANSMIT, 4);
	apart = cursor_u32(&transmit) - cursor_u32(&receive); /* eras wrap */
	return apart <= day_and_a_half || -apart <= day_and_a_half;
}
