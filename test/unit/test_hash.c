/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/hash.h"

/*
 * Answers of another program: CPython 3.11 hashes bytes with SipHash-1-3, and
 * with PYTHONHASHSEED=0 under the key zero:
 *	PYTHONHASHSEED=0 python3.11 -c 'print(hex(hash(b"abc") & 2**64 - 1))'
 */
static void agrees_with_cpython(void **state)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} known[] = {
		{"a", 0x407448d2b89b1813u},
		{"abc", 0xc03bc3a0042630f2u},
		{"abcdefgh", 0x3f7b849c0b8e35eau},
		{"The quick brown fox jumps over the lazy dog.", 0xfeb3e513718916ceu},
	};
	struct hash_key zero = {0, 0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_true(hash_bytes(&zero, known[i].text, strlen(known[i].text)) ==
			    known[i].hash);
}

static void steps_agree_with_the_whole(void **state)
{
	const struct hash_key key = {1, 2};
	struct hash_state s = hash_start(&key);
	const char message[] = "sixteen bytes...and five";
	uint64_t words[3] = {0};

	(void)state;
	memcpy(words, message, 21);
	hash_word(&s, words[0]);
	hash_word(&s, words[1]);
	assert_true(hash_end(&s, words[2], 21) == hash_bytes(&key, message, 21));
}

static void keys_differ_and_matter(void **state)
{
	struct hash_key a = hash_key_new(), b = hash_key_new();

	(void)state;
	assert_true(a.k0 != b.k0 || a.k1 != b.k1);
	assert_true(hash_bytes(&a, "abc", 3) != hash_bytes(&b, "abc", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_cpython),
		cmocka_unit_test(steps_agree_with_the_whole),
		cmocka_unit_test(keys_differ_and_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
