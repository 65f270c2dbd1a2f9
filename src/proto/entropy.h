/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entropy.h - does it look like noise?
 *
 * Pure functions, no allocation, about 1 ns a byte.
 */
#pragma once

#include "base/base.h"

enum {
	ENTROPY_MIN = 64,   /* fewer bytes tell nothing */
	ENTROPY_MAX = 1024, /* no more are looked at */
};

/*
 * Encrypted or well packed?  False for fewer than ENTROPY_MIN bytes.  Two
 * questions, each with the error that it makes on truly random bytes:
 *
 * - Are half of the bytes 0x80 or above, give or take 4.5 standard deviations?
 *   Text, hex and base64 have none and never pass.
 * - Are there as many pairs of equal bytes as 256 equal chances give, give or
 *   take 5 standard deviations?  Structured binary and single-byte XOR have more,
 *   counters fewer.
 *
 * Random bytes fail about once in 5,000 (64 bytes), 15,000 (100) or 40,000 times and less
 * (256 and more).  Of deflate and xz 98 to 100 % pass, of a made-up protobuf of
 * numbers and words one in a thousand, of machine code none: this tells noise from language,
 * not ciphers from packers.
 */
bool entropy_looks_random(const uint8_t *bytes, size_t len);

/* Shannon's, of single bytes, of at most the first 255: 0 to 8000 thousandths of a bit a byte. */
unsigned int entropy_millibits(const uint8_t *bytes, size_t len);
