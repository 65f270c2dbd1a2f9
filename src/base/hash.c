/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>

struct hash_key hash_key_new(void)
{
	struct hash_key key;

	CHECK(getrandom(&key, sizeof(key), 0) == (ssize_t)sizeof(key));
	return key;
}

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len)
{
	struct hash_state s = hash_start(key);
	const uint8_t *p = bytes;
	size_t left = len;
	uint64_t word;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		hash_word(&s, word);
	}
	word = 0;
	if (left)
		memcpy(&word, p, left);
	return hash_end(&s, word, len);
}
