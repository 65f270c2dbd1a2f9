/* SPDX-License-Identifier: Apache-2.0 */
/* Beside real random bytes from the kernel, and bytes that are anything but. */
#include "unit/unit.h"

#include "proto/entropy.h"

#include <math.h>
#include <stdlib.h>
#include <sys/random.h>

static void draw(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i += 256)
		assert_true(getrandom(bytes + i, len - i < 256 ? len - i : 256, 0) > 0);
}

/* How many of 200,000 random blocks of `len` bytes pass for random. */
static int refused(size_t len)
{
	enum { BLOCKS = 200000, ROOM = 1 << 16 };
	static uint8_t bytes[ROOM];
	size_t at = ROOM;
	int bad = 0;

	for (int i = 0; i < BLOCKS; i++, at += len) {
		if (at + len > ROOM) {
			draw(bytes, ROOM);
			at = 0;
		}
		bad += !entropy_looks_random(bytes + at, len);
	}
	return bad;
}

/* The header promises once in 5,000 at worst; three times that would be a lie. */
static void random_bytes_pass(void **state)
{
	static const size_t lens[] = {64, 100, 256, 1024};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		int bad = refused(lens[i]);

		printf("%zu random bytes: %d of 200000 refused\n", lens[i], bad);
		assert_in_range(bad, 0, lens[i] < 256 ? 120 : 16);
	}
}

static const char prose[] =
	"A lighthouse keeper writes down every ship that passes, and on the last page of each "
	"month she adds them up. Nobody ever asked her for the sum. But when a ship is missing, "
	"the book is the first thing that the harbour master wants to see, and the second is the "
	"keeper, because she alone remembers which of the lamps was dark that night and for how "
	"long. So the habit survived three keepers, two fires and a flood, and the books fill a "
	"shelf that is longer than the stairs are high. Whoever wants to know how the coast was "
	"used before the railway came can sit down there and count; it takes a week or two.";

/* Every piece of it, not just the whole. */
static void assert_refused(const char *what, const uint8_t *bytes, size_t len)
{
	for (size_t size = ENTROPY_MIN; size <= len; size *= 2)
		for (size_t at = 0; at + size <= len; at++)
			if (entropy_looks_random(bytes + at, size))
				fail_msg("%s: %zu bytes at %zu pass for random", what, size, at);
}

static void text_is_refused(void **state)
{
	static const char base64[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t noise[1024], text[2048];

	(void)state;
	assert_refused("prose", (const uint8_t *)prose, sizeof(prose) - 1);
	draw(noise, sizeof(noise));
	for (size_t i = 0; i < sizeof(noise); i++)
		text[i] = (uint8_t)base64[noise[i] & 63];
	assert_refused("base64", text, sizeof(noise));
	for (size_t i = 0; i < sizeof(noise); i++) {
		text[2 * i] = (uint8_t) "0123456789abcdef"[noise[i] >> 4];
		text[2 * i + 1] = (uint8_t) "0123456789abcdef"[noise[i] & 15];
	}
	assert_refused("hex", text, sizeof(text));
}

static void what_is_too_regular_is_refused(void **state)
{
	uint8_t bytes[1024];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_refused("zeros", bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) /* one key for all bytes hides no counts */
		bytes[i] = (uint8_t)(prose[i % (sizeof(prose) - 1)] ^ 0xa5);
	assert_refused("prose under XOR", bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) /* half of the bits, but never twice the same */
		bytes[i] = (uint8_t)i;
	assert_false(entropy_looks_random(bytes, 1024));
	for (size_t i = 0; i < sizeof(bytes); i++) /* 32-bit numbers below 256 */
		bytes[i] = i % 4 == 3 ? (uint8_t)(i * 37) : 0;
	assert_refused("small numbers", bytes, sizeof(bytes));
}

static void few_bytes_tell_nothing(void **state)
{
	uint8_t bytes[ENTROPY_MIN];

	(void)state;
	draw(bytes, sizeof(bytes));
	assert_false(entropy_looks_random(bytes, ENTROPY_MIN - 1));
	assert_false(entropy_looks_random(bytes, 0));
}

/* Shannon's formula, in floating point. */
static double shannon(const uint8_t *bytes, size_t len)
{
	double h = 0;

	for (int b = 0; b < 256; b++) {
		double c = 0;

		for (size_t i = 0; i < len; i++)
			c += bytes[i] == b;
		if (c > 0)
			h -= c / (double)len * log2(c / (double)len);
	}
	return h;
}

static void entropy_is_shannons(void **state)
{
	uint8_t bytes[255] = {0};

	(void)state;
	assert_int_equal(entropy_millibits(bytes, 0), 0);
	assert_int_equal(entropy_millibits((const uint8_t *)"aaaa", 4), 0);
	assert_int_equal(entropy_millibits((const uint8_t *)"abab", 4), 1000);
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		draw(bytes, len);
		for (size_t i = 0; i < len; i++)
			bytes[i] &= (uint8_t)len;
		assert_true(fabs(entropy_millibits(bytes, len) - 1000 * shannon(bytes, len)) <= 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_pass),
		cmocka_unit_test(text_is_refused),
		cmocka_unit_test(what_is_too_regular_is_refused),
		cmocka_unit_test(few_bytes_tell_nothing),
		cmocka_unit_test(entropy_is_shannons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
