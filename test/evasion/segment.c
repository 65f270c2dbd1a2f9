/* SPDX-License-Identifier: Apache-2.0 */
#include "segment.h"

#include "net/packet.h"

#include <netinet/in.h>
#include <string.h>

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

struct view view_of(const uint8_t *frame, size_t len)
{
	struct view v = {.ip = ETHER, .version = frame[ETHER] >> 4, .end = len};
	const uint8_t *transport;

	v.proto = frame[ETHER + (v.version == 4 ? 9 : 6)];
	v.transport = ETHER + (v.version == 4 ? 20 : 40);
	transport = frame + v.transport;
	v.payload = v.transport + 8;
	if (v.proto == IPPROTO_TCP) {
		v.payload = v.transport + (size_t)(transport[12] >> 4) * 4;
		v.seq = get32(transport + 4);
		v.flags = transport[13];
	}
	CHECK(v.payload <= len);
	return v;
}

uint64_t sum_of(uint64_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	return sum;
}

uint32_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)(~sum & 0xffff);
}

void seal_ipv4(uint8_t *ip)
{
	put16(ip + 10, 0);
	put16(ip + 10, sum_fold(sum_of(0, ip, (size_t)(ip[0] & 15) * 4)));
}

void segment_seal(uint8_t *frame, size_t len)
{
	struct view v = view_of(frame, len);
	uint8_t *ip = frame + v.ip, *transport = frame + v.transport;
	size_t transport_len = len - v.transport;
	size_t sum_at = v.proto == IPPROTO_TCP ? 16 : 6;
	uint64_t sum = v.proto + transport_len;

	if (v.version == 4) {
		put16(ip + 2, (uint32_t)(len - v.ip));
		seal_ipv4(ip);
		sum = sum_of(sum, ip + 12, 8);
	} else {
		put16(ip + 4, (uint32_t)transport_len);
		sum = sum_of(sum, ip + 8, 32);
	}
	if (v.proto == IPPROTO_UDP)
		put16(transport + 4, (uint32_t)transport_len);
	put16(transport + sum_at, 0);
	put16(transport + sum_at, sum_fold(sum_of(sum, transport, transport_len)));
}

struct shot *segment_add(struct tape *out, const struct shot *of, uint32_t seq, uint8_t flags,
			 const uint8_t *payload, size_t len)
{
	static uint8_t frame[FRAME_ROOM];
	struct view v = view_of(of->bytes, of->len);
	uint8_t *transport = frame + v.transport;

	CHECK(v.proto == IPPROTO_TCP && v.transport + 20 + len <= sizeof(frame));
	memcpy(frame, of->bytes, v.transport + 20);
	if (len)
		memcpy(transport + 20, payload, len);
	put32(transport + 4, seq);
	transport[12] = 0x50;
	transport[13] = flags;
	if (v.version == 4)
		put16(frame + v.ip + 4, 0x9000 + (uint32_t)out->count);
	segment_seal(frame, v.transport + 20 + len);
	return tape_add(out, of, frame, v.transport + 20 + len);
}

struct shot *segment_copy(struct tape *out, const struct shot *of)
{
	return tape_add(out, of, of->bytes, of->len);
}
