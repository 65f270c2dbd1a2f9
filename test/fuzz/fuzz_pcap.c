/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of pcap files, without having to guess its magic number: the
 * first byte chooses one of the six, the rest follows it.
 */
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const magics[] = {"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1",
					     "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1",
					     "\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1"};
	struct maker m = {0};

	if (!len)
		return 0;
	put(&m, magics[bytes[0] % ARRAY_LEN(magics)], 4);
	put(&m, bytes + 1, len - 1);
	fuzz_reading(m.bytes, m.len);
	maker_fini(&m);
	return 0;
}
