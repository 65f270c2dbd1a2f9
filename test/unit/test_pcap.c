/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "recorder.h"

#include <errno.h>
#include <stdio.h>

static const uint32_t MICRO = 0xa1b2c3d4, NANO = 0xa1b23c4d, MODIFIED = 0xa1b2cd34;

static void put_header(struct maker *m, uint32_t magic, unsigned minor, uint32_t link)
{
	put32(m, magic);
	put16(m, 2);
	put16(m, minor);
	put32(m, 0);
	put32(m, 0);
	put32(m, 65535);
	put32(m, link);
}

static void put_packet(struct maker *m, uint32_t magic, uint32_t seconds, uint32_t fraction,
		       const char *bytes, uint32_t length)
{
	put32(m, seconds);
	put32(m, fraction);
	put32(m, strlen(bytes));
	put32(m, length);
	if (magic == MODIFIED) {
		put32(m, 3);
		put16(m, 0x0800);
		put16(m, 0);
	}
	put_text(m, bytes);
}

static void reads_every_variant(void **state)
{
	const uint32_t magics[] = {MICRO, NANO, MODIFIED};

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct maker m = {.big = i % 2};
		struct recorder r;
		uint32_t magic = magics[i / 2];
		ns_t unit = magic == NANO ? 1 : 1000;

		put_header(&m, magic, 4, LINK_LINUX_SLL);
		put_packet(&m, magic, 1700000000, 1, "hello", 5);
		put_packet(&m, magic, 4294967295, 999999, "", 60);
		put_packet(&m, magic, 0, 0, "cut", 1500);
		assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
		assert_int_equal(r.format, INPUT_PCAP);
		assert_int_equal(r.frames, 3);
		assert_int_equal(r.frame[0].when, 1700000000 * NS_PER_SEC + unit);
		assert_int_equal(r.frame[0].captured, 5);
		assert_int_equal(r.frame[0].length, 5);
		assert_int_equal(r.frame[0].link, LINK_LINUX_SLL);
		assert_memory_equal(r.frame[0].bytes, "hello", 5);
		assert_int_equal(r.frame[1].when, 4294967295 * NS_PER_SEC + 999999 * unit);
		assert_int_equal(r.frame[1].captured, 0);
		assert_int_equal(r.frame[1].length, 60);
		assert_int_equal(r.frame[2].when, 0);
		assert_int_equal(r.frame[2].length, 1500);
		assert_memory_equal(r.frame[2].bytes, "cut", 3);
		maker_fini(&m);
	}
}

/* Before 2.3 the two lengths were written the other way round; in 2.3 either way. */
static void reads_old_versions(void **state)
{
	(void)state;
	for (unsigned minor = 2; minor <= 3; minor++) {
		struct maker m = {0};
		struct recorder r;

		put_header(&m, MICRO, minor, LINK_ETHERNET);
		put32(&m, 1);
		put32(&m, 2);
		put32(&m, 1500);
		put32(&m, 3);
		put_text(&m, "abc");
		assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
		assert_int_equal(r.frames, 1);
		assert_int_equal(r.frame[0].captured, 3);
		assert_int_equal(r.frame[0].length, 1500);
		maker_fini(&m);
	}
}

/* The upper half of the link field tells of checksums at the end of frames. */
static void ignores_flags_beside_the_link_type(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_header(&m, MICRO, 4, 0x14000000 | LINK_RAW);
	put_packet(&m, MICRO, 1, 2, "x", 1);
	assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
	assert_int_equal(r.frame[0].link, LINK_RAW);
	maker_fini(&m);
}

static void a_length_below_what_was_captured_is_raised(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_header(&m, MICRO, 4, LINK_ETHERNET);
	put_packet(&m, MICRO, 1, 2, "four", 2);
	assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
	assert_int_equal(r.frame[0].length, 4);
	maker_fini(&m);
}

static void a_monstrous_packet_is_not_believed(void **state)
{
	static const uint32_t claims[] = {256 * 1024 + 1, 0x7fffffff, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
		struct maker m = {0};
		struct recorder r;
		char expected[128];

		put_header(&m, MICRO, 4, LINK_ETHERNET);
		put_packet(&m, MICRO, 1, 2, "good", 4);
		put32(&m, 5);
		put32(&m, 6);
		put32(&m, claims[i]);
		put32(&m, claims[i]);
		put_text(&m, "whatever");
		assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
		assert_int_equal(r.frames, 1);
		snprintf(expected, sizeof(expected),
			 "test: packet 2: the header claims %u captured bytes", claims[i]);
		assert_string_equal(r.why.text, expected);
		maker_fini(&m);
	}
}

static void the_largest_packet_is_read(void **state)
{
	struct maker m = {0};
	struct recorder r;
	char *packet = calloc(1, 256 * 1024 + 1);

	(void)state;
	memset(packet, 'x', 256 * 1024);
	put_header(&m, MICRO, 4, LINK_ETHERNET);
	for (int i = 0; i < 20; i++)
		put_packet(&m, MICRO, 1, 2, packet, 256 * 1024);
	assert_int_equal(record(&r, m.bytes, m.len, 0), 0);
	assert_int_equal(r.frames, 20);
	assert_int_equal(r.frame[19].captured, 256 * 1024);
	free(packet);
	maker_fini(&m);
}

static void an_unknown_version_is_refused(void **state)
{
	struct maker m = {0};
	struct recorder r;

	(void)state;
	put_header(&m, MICRO, 4, LINK_ETHERNET);
	m.bytes[4] = 3;
	assert_int_equal(record(&r, m.bytes, m.len, 0), -EBADMSG);
	assert_string_equal(r.why.text, "test: pcap version 3.4 is not known");
	maker_fini(&m);
}

/*
 * Cut after every byte.  The model knows where each packet ended when it was
 * written: those before the cut must arrive, and only a cut between packets
 * is a good end.
 */
static void every_cut_delivers_what_came_before_it(void **state)
{
	struct maker m = {0};
	size_t ends[8];

	(void)state;
	put_header(&m, NANO, 4, LINK_ETHERNET);
	ends[0] = m.len;
	for (uint32_t i = 1; i < ARRAY_LEN(ends); i++) {
		put_packet(&m, NANO, i, i, "0123456789abcdef" + i, 16);
		ends[i] = m.len;
	}
	for (size_t cut = 0; cut <= m.len; cut++) {
		/* Exactly sized, so that the sanitizer sees a read too far. */
		uint8_t *copy = malloc(cut ? cut : 1);
		struct recorder r;
		size_t expected = 0;
		int status = -ENODATA;
		int rc;

		memcpy(copy, m.bytes, cut);
		for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
			if (ends[i] <= cut)
				expected = i;
			if (ends[i] == cut)
				status = 0;
		}
		if (cut > 0 && cut < 4)
			status = -EBADMSG; /* not even the magic number is whole */
		rc = record(&r, copy, cut, 1 + cut % 5);
		assert_int_equal(rc, status);
		assert_int_equal(r.frames, expected);
		assert_true(rc == 0 || r.why.text[0]);
		free(copy);
	}
	maker_fini(&m);
}

/* However small the pieces in which a pipe delivers them. */
static void pieces_do_not_matter(void **state)
{
	static const size_t pieces[] = {1, 2, 7, 64, 4095, 100000};
	struct maker m = {.big = true};
	struct recorder whole, r;
	char text[1001] = "";

	(void)state;
	memset(text, '.', 1000);
	put_header(&m, MICRO, 4, LINK_ETHERNET);
	for (uint32_t i = 0; i < 3000; i++)
		put_packet(&m, MICRO, i, i, text + i % 1001, 1000);
	assert_int_equal(record(&whole, m.bytes, m.len, 0), 0);
	assert_int_equal(whole.frames, 3000);
	assert_int_equal(whole.progress, m.len);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		assert_int_equal(record(&r, m.bytes, m.len, pieces[i]), 0);
		assert_int_equal(r.frames, 3000);
		assert_int_equal(r.sum, whole.sum);
		assert_int_equal(r.progress, m.len);
	}
	maker_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_variant),
		cmocka_unit_test(reads_old_versions),
		cmocka_unit_test(ignores_flags_beside_the_link_type),
		cmocka_unit_test(a_length_below_what_was_captured_is_raised),
		cmocka_unit_test(a_monstrous_packet_is_not_believed),
		cmocka_unit_test(the_largest_packet_is_read),
		cmocka_unit_test(an_unknown_version_is_refused),
		cmocka_unit_test(every_cut_delivers_what_came_before_it),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
