/* SPDX-License-Identifier: Apache-2.0 */
/* Two bytes of port, then the first bytes of a conversation in whatever language. */
#include "proto/entropy.h"
#include "proto/spoken.h"

#include <netinet/in.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint16_t port;
	enum app client, server, datagram;

	if (len < 2)
		return 0;
	port = (uint16_t)(bytes[0] << 8 | bytes[1]);
	client = spoken_by(bytes + 2, len - 2, true);
	server = spoken_by(bytes + 2, len - 2, false);
	datagram = spoken_in_datagram(bytes + 2, len - 2, port);
	CHECK(client < APPS && server < APPS && datagram < APPS);
	CHECK(*app_name(client) || client == APP_UNKNOWN);
	CHECK(len > 2 || (client == APP_UNKNOWN && datagram == APP_UNKNOWN));
	CHECK(spoken_fits_port(client, IPPROTO_TCP, port) <= PORT_FIT_BAD);
	CHECK(spoken_fits_port(APP_UNKNOWN, IPPROTO_UDP, port) == PORT_FIT_UNKNOWN);
	CHECK(entropy_millibits(bytes, len) <= 8000);
	CHECK(!entropy_looks_random(bytes, len) || len >= ENTROPY_MIN);
	return 0;
}
