/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes, as a file: recognised, unpacked and read as whatever they are.
 * Read twice, the second time in small pieces, the outcome must be the same.
 */
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	fuzz_reading(bytes, len);
	return 0;
}
