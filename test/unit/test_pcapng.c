/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "recorder.h"

#include <errno.h>

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, OBSOLETE = 2, SIMPLE = 3, NAMES = 4, ENHANCED = 6 };
enum { TSRESOL = 9, TSOFFSET = 14 };

static void pad(struct maker *m)
{
	while (m->len % 4)
		put(m, "", 1);
}

/* Wrap what was put into `body` as a block. */
static void put_block(struct maker *m, uint32_t type, struct maker *body)
{
	pad(body);
	put32(m, type);
	put32(m, body->len + 12);
	put(m, body->bytes, body->len);
	put32(m, body->len + 12);
	maker_fini(body);
}

static void put_section(struct maker *m, bool big)
{
	struct maker body = {.big = big};

	m->big = big;
	put32(&body, 0x1a2b3c4d);
	put16(&body, 1);
	put16(&body, 0);
	put64(&body, UINT64_MAX);
	put_block(m, SECTION, &body);
}

/* `resolution` -1 and `offset` 0: without that option. */
static void put_interface(struct maker *m, uint32_t link, uint32_t snap, int resolution,
			  int64_t offset)
{
	struct maker body = {.big = m->big};

	put16(&body, link);
	put16(&body, 0);
	put32(&body, snap);
	put16(&body, 2); /* if_name: of no use to us, and of an odd length */
	put16(&body, 3);
	put(&body, "eth\0", 4);
	if (resolution >= 0) {
		put16(&body, TSRESOL);
		put16(&body, 1);
		put_number(&body, (uint64_t)resolution, 1);
		pad(&body);
	}
	if (offset) {
		put16(&body, TSOFFSET);
		put16(&body, 8);
		put64(&body, (uint64_t)offset);
	}
	put32(&body, 0);
	put_block(m, INTERFACE, &body);
}

static void put_enhanced(struct maker *m, uint32_t interface, uint64_t units, const char *bytes,
			 uint32_t length)
{
	struct maker body = {.big = m->big};

	put32(&body, interface);
	put32(&body, units >> 32);
	put32(&body, units);
	put32(&body, strlen(bytes));
	put32(&body, length);
	put_text(&body, bytes);
	pad(&body);
	put16(&body, 2); /* epb_flags */
	put16(&body, 4);
	put32(&body, 1);
	put32(&body, 0);
	put_block(m, ENHANCED, &body);
}

static void put_obsolete(struct maker *m, uint16_t interface, uint64_t units, const char *bytes,
			 uint32_t length)
{
	struct maker body = {.big = m->big};

	put16(&body, interface);
	put16(&body, 0xffff);
	put32(&body, units >> 32);
	put32(&body, units);
	put32(&body, strlen(bytes));
	put32(&body, length);
	put_text(&body, bytes);
	put_block(m, OBSOLETE, &body);
}

static void put_simple(struct maker *m, const char *bytes, uint32_t length)
{
	struct maker body = {.big = m->big};

	put32(&body, length);
	put_text(&body, bytes);
	put_block(m, SIMPLE, &body);
}

static void put_names(struct maker *m, size_t len)
{
	struct maker body = {.big = m->big};

	for (size_t i = 0; i < len; i++)
		put(&body, "n", 1);
	put_block(m, NAMES, &body);
}

static void sections_interfaces_and_blocks(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_section(&m, false);
	put_interface(&m, LINK_ETHERNET, 3, -1, 0);
	put_interface(&m, LINK_LINUX_SLL, 0, 9, 0);
	put_enhanced(&m, 1, 1700000000123456789u, "nano", 40);
	put_enhanced(&m, 0, 1700000000123456u, "micro", 50);
	put_names(&m, 10);
	put_simple(&m, "cut", 1500); /* by the snap length of interface 0 */
	put_obsolete(&m, 1, 5, "old", 3);
	put_section(&m, true);
	put_interface(&m, LINK_RAW, 0, 3, 0);
	put_enhanced(&m, 0, 1700000000123u, "other order", 11);
	put_simple(&m, "ab", 2);
	assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
	assert_int_equal(r.format, INPUT_PCAPNG);
	assert_int_equal(r.frames, 6);

	assert_int_equal(r.frame[0].when, 1700000000123456789);
	assert_int_equal(r.frame[0].link, LINK_LINUX_SLL);
	assert_int_equal(r.frame[0].captured, 4);
	assert_int_equal(r.frame[0].length, 40);
	assert_memory_equal(r.frame[0].bytes, "nano", 4);
	assert_int_equal(r.frame[1].when, 1700000000123456000);
	assert_int_equal(r.frame[1].link, LINK_ETHERNET);
	assert_int_equal(r.frame[2].when, r.frame[1].when); /* simple: has no time */
	assert_int_equal(r.frame[2].captured, 3);
	assert_int_equal(r.frame[2].length, 1500);
	assert_int_equal(r.frame[3].when, 5);
	assert_int_equal(r.frame[3].link, LINK_LINUX_SLL);
	assert_int_equal(r.frame[4].when, 1700000000123000000);
	assert_int_equal(r.frame[4].link, LINK_RAW);
	assert_memory_equal(r.frame[4].bytes, "other order", 11);
	assert_int_equal(r.frame[5].captured, 2);
	maker_fini(&m);
}

/* Expected values worked out by hand: units / 10^n or / 2^n, plus the offset. */
static void every_resolution_and_offset(void **state)
{
	static const struct {
		int resolution;
		int64_t offset;
		uint64_t units;
		ns_t expected;
	} cases[] = {
		{-1, 0, 1500000, 1500000000},
		{0, 0, 7, 7000000000},
		{3, 0, 1234, 1234000000},
		{9, 0, 1, 1},
		{12, 0, 1999, 1},
		{18, 0, 5000000000, 5},
		{30, 0, UINT64_MAX, 0},
		{127, 0, UINT64_MAX, 0},
		{0x80, 0, 3, 3000000000},
		{0x81, 0, 3, 1500000000},
		{0x80 | 10, 0, 1025, 1000976562}, /* 1 + 1/1024 s */
		{0x80 | 32, 0, (uint64_t)1700000000 << 32 | 0x80000000u, 1700000000500000000},
		{0x80 | 63, 0, UINT64_MAX, 1999999999},
		{0x80 | 64, 0, (uint64_t)1 << 63, 500000000},
		{0x80 | 127, 0, UINT64_MAX, 0},
		{6, 3600, 1000000, 3601000000000},
		{6, -10, 11000000, 1000000000},
		{9, 1700000000, 5, 1700000000000000005},
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		struct maker m = {0};
		struct recorder r;
		size_t n = i / 2;

		put_section(&m, i % 2);
		put_interface(&m, LINK_ETHERNET, 0, cases[n].resolution, cases[n].offset);
		put_enhanced(&m, 0, cases[n].units, "x", 1);
		assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
		assert_int_equal(r.frames, 1);
		if (r.frame[0].when != cases[n].expected)
			fail_msg("case %zu: %lld", n, (long long)r.frame[0].when);
		maker_fini(&m);
	}
}

static void a_packet_that_cannot_be_placed_is_skipped(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_section(&m, false);
	put_simple(&m, "too early", 9);
	put_interface(&m, LINK_ETHERNET, 0, 0, 0);
	put_enhanced(&m, 0, 1, "good", 4);
	put_enhanced(&m, 1, 1, "no such interface", 4);
	put_enhanced(&m, 0, UINT64_MAX, "no such time", 4);
	put_enhanced(&m, 0, 2, "good", 4);
	assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
	assert_int_equal(r.frames, 2);
	assert_int_equal(r.frame[1].when, 2 * NS_PER_SEC);
	assert_string_equal(r.why.text, "test: packet 1: no interface was described before it; "
					"3 of 5 packets skipped");
	maker_fini(&m);
}

/* Interfaces belong to their section. */
static void a_new_section_forgets_the_interfaces(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_section(&m, false);
	put_interface(&m, LINK_ETHERNET, 0, -1, 0);
	put_section(&m, false);
	put_enhanced(&m, 0, 1, "whose?", 6);
	assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
	assert_int_equal(r.frames, 0);
	maker_fini(&m);
}

static void broken_blocks_end_the_reading(void **state)
{
	static const struct {
		size_t at; /* in the last block */
		uint32_t value;
		const char *why;
	} cases[] = {
		{4, 11, "test: block 4: it claims to be 11 bytes long"},
		{4, 0, "test: block 4: it claims to be 0 bytes long"},
		{4, 4294967292u, "test: block 4: it claims to be 4294967292 bytes long"},
		{44, 60, "test: block 4: its two lengths, 48 and 60, differ"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maker m = {0}, number = {0};
		struct recorder r;
		size_t last;

		put_section(&m, false);
		put_interface(&m, LINK_ETHERNET, 0, -1, 0);
		put_enhanced(&m, 0, 1, "good", 4);
		last = m.len;
		put_enhanced(&m, 0, 1, "bad!", 4);
		assert_int_equal(m.len - last, 48);
		put32(&number, cases[i].value);
		memcpy(m.bytes + last + cases[i].at, number.bytes, 4);
		assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
		assert_int_equal(r.frames, 1);
		assert_string_equal(r.why.text, cases[i].why);
		maker_fini(&m);
		maker_fini(&number);
	}
}

static void a_large_block_of_no_interest_is_stepped_over(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_section(&m, false);
	put_names(&m, 3 << 20);
	put_interface(&m, LINK_ETHERNET, 0, -1, 0);
	put_enhanced(&m, 0, 1, "good", 4);
	assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
	assert_int_equal(r.frames, 1);
	maker_fini(&m);
}

static void too_many_interfaces_are_refused(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_section(&m, false);
	for (int i = 0; i < 4097; i++)
		put_interface(&m, LINK_ETHERNET, 0, -1, 0);
	assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
	assert_string_equal(r.why.text, "test: block 4098: too many interfaces in one section");
	maker_fini(&m);
}

/* Cut after every byte; the model knows where each block ended. */
static void every_cut_delivers_what_came_before_it(void **state)
{
	struct maker m = {0};
	size_t end[8], frames[8], n = 0;

	(void)state;
	put_section(&m, true);
	end[n] = m.len, frames[n++] = 0;
	put_interface(&m, LINK_ETHERNET, 0, 9, 1);
	end[n] = m.len, frames[n++] = 0;
	put_enhanced(&m, 0, 1, "abcdefg", 7);
	end[n] = m.len, frames[n++] = 1;
	put_simple(&m, "hi", 2);
	end[n] = m.len, frames[n++] = 2;
	put_section(&m, false);
	end[n] = m.len, frames[n++] = 2;
	put_interface(&m, LINK_ETHERNET, 0, 6, 0);
	end[n] = m.len, frames[n++] = 2;
	put_names(&m, 20);
	end[n] = m.len, frames[n++] = 2;
	put_obsolete(&m, 0, 1, "abcdefg", 7);
	end[n] = m.len, frames[n++] = 3;
	for (size_t cut = 4; cut <= m.len; cut++) {
		uint8_t *copy = malloc(cut);
		struct recorder r;
		size_t expected = 0;
		int status = -ENODATA, rc;

		memcpy(copy, m.bytes, cut);
		for (size_t i = 0; i < n; i++) {
			if (end[i] <= cut)
				expected = frames[i];
			if (end[i] == cut)
				status = 0;
		}
		rc = record(&r, copy, cut, 1 + cut % 7);
		assert_int_equal(rc, status);
		assert_int_equal(r.frames, expected);
		assert_true(rc == 0 || r.why.text[0]);
		free(copy);
	}
	maker_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_interfaces_and_blocks),
		cmocka_unit_test(every_resolution_and_offset),
		cmocka_unit_test(a_packet_that_cannot_be_placed_is_skipped),
		cmocka_unit_test(a_new_section_forgets_the_interfaces),
		cmocka_unit_test(broken_blocks_end_the_reading),
		cmocka_unit_test(a_large_block_of_no_interest_is_stepped_over),
		cmocka_unit_test(too_many_interfaces_are_refused),
		cmocka_unit_test(every_cut_delivers_what_came_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
