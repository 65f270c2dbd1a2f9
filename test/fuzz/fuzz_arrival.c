/* SPDX-License-Identifier: Apache-2.0 */
/* Anything as a frame, as DHCP and as a solicitation; whoever arrives has an address. */
#include "net/arrival.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct frame frame = {.bytes = bytes,
			      .captured = (uint32_t)len,
			      .length = (uint32_t)len,
			      .link = LINK_ETHERNET};
	struct packet packet = {.payload = bytes,
				.payload_bytes = (uint32_t)len,
				.payload_captured = (uint32_t)len};
	struct address host = {0};

	if (arrival_by_frame(&frame, &host))
		CHECK(host.version == 4 && len >= 42);
	packet.tuple.proto = 17;
	packet.tuple.src_port = 67;
	if (arrival_by_packet(&packet, &host))
		CHECK(host.version == 4 && len >= 243);
	packet.tuple.proto = 58;
	packet.tuple.src_port = 135;
	if (arrival_by_packet(&packet, &host))
		CHECK(host.version == 6 && len >= 16);
	return 0;
}
