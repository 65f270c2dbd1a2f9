/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of pcapng files.  The input is a list of blocks, each a type, a
 * length and a body, that are framed as they should be, so that the fuzzer
 * gets to what is inside; an odd type leaves the framing to the input.
 */
#include "fuzz_input.h"

static void put_block(struct maker *m, uint32_t type, const uint8_t *body, size_t len)
{
	size_t total = 12 + (len + 3) / 4 * 4;

	put32(m, type);
	put32(m, total);
	put(m, body, len);
	put(m, "\0\0\0", total - 12 - len);
	put32(m, total);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint32_t types[] = {0x0a0d0d0a, 1, 2, 3, 6, 6, 4, 0x0badcafe};
	struct maker m = {.big = len & 1};
	uint8_t section[16] = {0};
	size_t at = 0;

	memcpy(section, m.big ? "\x1a\x2b\x3c\x4d\0\1" : "\x4d\x3c\x2b\x1a\1\0", 6);
	put_block(&m, 0x0a0d0d0a, section, sizeof(section));
	while (len - at >= 2) {
		uint8_t type = bytes[at], size = bytes[at + 1];

		at += 2;
		if (size > len - at)
			size = (uint8_t)(len - at);
		if (type & 0x80)
			put(&m, bytes + at, size);
		else
			put_block(&m, types[type % ARRAY_LEN(types)], bytes + at, size);
		at += size;
	}
	fuzz_reading(m.bytes, m.len);
	maker_fini(&m);
	return 0;
}
