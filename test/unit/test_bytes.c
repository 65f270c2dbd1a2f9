/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "input/unpack.h"
#include "packers.h"
#include "recorder.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };

/* A capture of `packets` packets with bytes that pack well, but not too well. */
static void make_capture(struct maker *m, uint32_t packets, uint32_t len)
{
	struct random random = random_from_seed(1);

	put32(m, 0xa1b2c3d4);
	put16(m, 2);
	put16(m, 4);
	put64(m, 0);
	put32(m, 65535);
	put32(m, LINK_ETHERNET);
	for (uint32_t i = 0; i < packets; i++) {
		put32(m, i);
		put32(m, 0);
		put32(m, len);
		put32(m, len);
		for (uint32_t j = 0; j < len; j += 2) {
			uint64_t few = random_u64(&random) & 0x0303; /* two bytes, four values */

			put(m, &few, len - j < 2 ? 1 : 2);
		}
	}
}

/* How many whole packets are in the first `len` bytes of such a capture. */
static size_t packets_in(size_t len, uint32_t packet)
{
	return len < 24 ? 0 : (len - 24) / (16 + packet);
}

static void packed_captures_are_read_as_plain_ones(void **state)
{
	struct maker m = {0};
	struct recorder plain, r;
	uint8_t *packed = malloc(4 * ROOM);

	(void)state;
	make_capture(&m, 2000, 900);
	assert_int_equal(record(&plain, m.bytes, m.len, 0), 0);
	assert_int_equal(plain.frames, 2000);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t len = packers[i].pack(m.bytes, m.len, packed, 4 * ROOM);
		static const size_t pieces[] = {0, 5, 1000};

		for (size_t j = 0; j < ARRAY_LEN(pieces); j++) {
			assert_int_equal(record(&r, packed, len, pieces[j]), 0);
			assert_int_equal(r.format, INPUT_PCAP);
			assert_int_equal(r.sum, plain.sum);
			assert_int_equal(r.progress, len);
		}
	}
	free(packed);
	maker_fini(&m);
}

/*
 * Cut a packed capture after every byte.  What must arrive is what one call
 * of the library makes of the same bytes, divided into packets.
 */
static void every_cut_of_packed_data(void **state)
{
	enum { PACKET = 50 };
	struct maker m = {0};
	uint8_t *packed = malloc(ROOM), *plain = malloc(ROOM);

	(void)state;
	make_capture(&m, 40, PACKET);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t len = packers[i].pack(m.bytes, m.len, packed, ROOM);

		for (size_t cut = packers[i].magic; cut <= len; cut++) {
			uint8_t *copy = malloc(cut);
			struct recorder r;
			size_t got;
			int rc;

			memcpy(copy, packed, cut);
			got = packers[i].unpack(copy, cut, plain, ROOM);
			rc = record(&r, copy, cut, cut % 3 ? 0 : 1 + cut % 5);
			/* Too little to see a capture in it is reported as cut short, too. */
			assert_int_equal(rc, cut == len ? 0 : -ENODATA);
			assert_int_equal(r.frames, got < 24 ? 0 : packets_in(got, PACKET));
			assert_true(rc == 0 || strstr(r.why.text, packers[i].name));
			free(copy);
		}
	}
	free(packed);
	free(plain);
	maker_fini(&m);
}

/* As `cat a.gz b.gz` makes them. */
static void members_follow_each_other(void **state)
{
	struct maker m = {0};
	uint8_t *packed = malloc(ROOM);

	(void)state;
	make_capture(&m, 100, 100);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t half = m.len / 2, len = packers[i].pack(m.bytes, half, packed, ROOM);
		struct recorder r;

		len += packers[i].pack(m.bytes, 0, packed + len, ROOM - len);
		len += packers[i].pack(m.bytes + half, m.len - half, packed + len, ROOM - len);
		assert_int_equal(record(&r, packed, len, 0), 0);
		assert_int_equal(r.frames, 100);
		assert_int_equal(record(&r, packed, len, 1), 0);
		assert_int_equal(r.frames, 100);
	}
	free(packed);
	maker_fini(&m);
}

static void zeros_after_gzip_are_padding_and_anything_else_is_not(void **state)
{
	struct maker m = {0};
	uint8_t *packed = calloc(1, ROOM);
	struct recorder r;
	size_t len;

	(void)state;
	make_capture(&m, 10, 100);
	len = pack_gzip(m.bytes, m.len, packed, ROOM);
	memset(packed + len, 0, 600);
	assert_int_equal(record(&r, packed, len + 512, 0), 0);
	assert_int_equal(r.frames, 10);
	packed[len + 512] = 'x';
	assert_int_equal(record(&r, packed, len + 600, 0), -EBADMSG);
	assert_int_equal(r.frames, 10);
	assert_non_null(strstr(r.why.text, "something else follows after its end"));
	free(packed);
	maker_fini(&m);
}

/* pzstd begins with a skippable frame. */
static void a_skippable_frame_comes_before_zstd(void **state)
{
	struct maker m = {0}, packed = {0};
	uint8_t *frame = malloc(ROOM);
	struct recorder r;

	(void)state;
	make_capture(&m, 10, 100);
	put32(&packed, 0x184d2a50);
	put32(&packed, 4);
	put32(&packed, 12345);
	put(&packed, frame, pack_zstd(m.bytes, m.len, frame, ROOM));
	assert_int_equal(record(&r, packed.bytes, packed.len, 0), 0);
	assert_int_equal(r.frames, 10);
	free(frame);
	maker_fini(&m);
	maker_fini(&packed);
}

/*
 * Broken in the middle: what was packed before the break arrives, and as much
 * of it however the bytes come.  All four packers work in blocks far smaller
 * than a sixth of this capture.
 */
static void a_break_costs_only_what_comes_after_it(void **state)
{
	enum { PACKETS = 2400 };
	struct maker m = {0};
	uint8_t *packed = malloc(8 * ROOM);

	(void)state;
	make_capture(&m, PACKETS, 900);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t len = packers[i].pack(m.bytes, m.len, packed, 8 * ROOM);
		static const size_t pieces[] = {0, 11, 3000};
		size_t first = 0;
		struct recorder r;

		for (size_t j = 0; j < 64; j++)
			packed[len / 2 + j] = 0xff;
		for (size_t j = 0; j < ARRAY_LEN(pieces); j++) {
			assert_int_equal(record(&r, packed, len, pieces[j]), -EBADMSG);
			if (r.frames < PACKETS / 3 || r.frames > PACKETS / 2 + 100)
				fail_msg("%s: %zu packets", packers[i].name, r.frames);
			if (!first)
				first = r.frames;
			assert_int_equal(r.frames, first);
		}
	}
	free(packed);
	maker_fini(&m);
}

/* How many bytes come out of packed ones that break, read `piece` bytes at a time. */
static size_t unpacked_before_the_break(const uint8_t *packed, size_t len, size_t piece)
{
	struct bytes *source;
	size_t n = 0;

	assert_int_equal(bytes_over(packed, len, "", &source), 0);
	bytes_read_at_most(source, piece);
	while (bytes_want(source, 1)) {
		n += bytes_ready(source);
		source->pos = source->end;
	}
	assert_int_equal(bytes_error(source, NULL), -EBADMSG);
	bytes_close(source);
	return n;
}

/*
 * The worst case of that: a good block, and then the head of the next one is
 * broken.  Both libraries ask for that head together with the good block, and
 * would lose the block.
 */
static void a_broken_block_head_does_not_cost_the_block_before(void **state)
{
	enum { BLOCK = 64 << 10 };
	struct maker zstd = {0};
	uint8_t *random_bytes = malloc(ROOM), *lz4 = malloc(2 * ROOM);
	struct random random = random_from_seed(4);
	size_t len, second;

	(void)state;
	/* RFC 8878: a frame with a window of 1 KiB, a raw block of 40, one of reserved type 3 */
	put(&zstd, "\x28\xb5\x2f\xfd\0\0", 6);
	put_number(&zstd, 40 << 3, 3);
	for (int i = 0; i < 40; i++)
		put_text(&zstd, "z");
	put_number(&zstd, 40 << 3 | 3 << 1, 3);
	put_text(&zstd, "0123456789abcdef");

	/* lz4: a header of 7 bytes, a block that did not pack, the head of the next */
	for (size_t i = 0; i < ROOM; i++)
		random_bytes[i] = (uint8_t)random_u64(&random);
	len = pack_lz4(random_bytes, 3 * BLOCK, lz4, 2 * ROOM);
	second = 7 + 4 + BLOCK;
	assert_memory_equal(lz4 + 11, random_bytes, BLOCK);
	memset(lz4 + second, 0x7f, 4);

	for (size_t piece = 1; piece < 2 * ROOM; piece = 3 * piece + 1) {
		assert_int_equal(unpacked_before_the_break(zstd.bytes, zstd.len, piece), 40);
		assert_int_equal(unpacked_before_the_break(lz4, len, piece), BLOCK);
	}
	free(random_bytes);
	free(lz4);
	maker_fini(&zstd);
}

/* Whichever bit is flipped: no crash, one sentence, and never more packets than there were. */
static void flipped_bits_are_noticed_or_harmless(void **state)
{
	struct random random = random_from_seed(7);
	struct maker m = {0};
	uint8_t *packed = malloc(ROOM);

	(void)state;
	make_capture(&m, 40, 50);
	for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
		size_t len = packers[i].pack(m.bytes, m.len, packed, ROOM);

		for (int round = 0; round < 100; round++) {
			size_t bit = random_below(&random, 8 * len);
			struct recorder r;
			int rc;

			packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			rc = record(&r, packed, len, 0);
			assert_true(rc == 0 || r.why.text[0]);
			assert_true(r.frames <= 8 * 40);
			packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	free(packed);
	maker_fini(&m);
}

/*
 * Memory on demand.
 */

/*
 * How large a dictionary an xz file asks for is one byte in its first block
 * header: size, flags, two lengths if the flags say so, LZMA2, 1, that byte.
 */
static uint8_t *xz_dictionary(uint8_t *packed)
{
	uint8_t *at = packed + 12 + 2;

	for (int lengths = (packed[13] >> 6 & 1) + (packed[13] >> 7); lengths; lengths--) {
		while (*at++ & 0x80)
			;
	}
	assert_int_equal(at[0], 0x21);
	assert_int_equal(at[1], 1);
	return at + 2;
}

/* The block header has its own checksum, so that the claim looks honest. */
static void xz_that_asks_for_4_gib_is_refused(void **state)
{
	struct maker m = {0};
	uint8_t *packed = malloc(ROOM);
	struct recorder r;
	uint8_t *block = packed + 12;
	size_t len, header;
	uint32_t crc;

	(void)state;
	make_capture(&m, 10, 100);
	len = pack_xz(m.bytes, m.len, packed, ROOM);
	header = 4 * ((size_t)block[0] + 1);
	*xz_dictionary(packed) = 40;
	crc = lzma_crc32(block, header - 4, 0);
	for (int i = 0; i < 4; i++)
		block[header - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
	assert_int_equal(record(&r, packed, len, 0), -EFBIG);
	assert_non_null(strstr(r.why.text, "more than 66 MiB"));
	free(packed);
	maker_fini(&m);
}

static void zstd_that_asks_for_2_gib_is_refused(void **state)
{
	/* RFC 8878: magic; descriptor: no content size; window 2^(10 + 21); an empty last block */
	static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00};
	struct recorder r;

	(void)state;
	assert_int_equal(record(&r, frame, sizeof(frame), 0), -EFBIG);
	assert_non_null(strstr(r.why.text, "more than 64 MiB"));
}

/* `xz -9` asks for 64 MiB, and people use it. */
static void xz_9_is_read(void **state)
{
	struct maker m = {0};
	uint8_t *packed = malloc(ROOM);
	struct recorder r;
	lzma_options_lzma options;
	lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	size_t len = 0;

	(void)state;
	make_capture(&m, 10, 100);
	assert_false(lzma_lzma_preset(&options, 0));
	options.dict_size = 1 << 26;
	assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, m.bytes, m.len,
						   packed, &len, ROOM),
			 LZMA_OK);
	assert_int_equal(*xz_dictionary(packed), 28); /* 2^26 as the file says it */
	assert_int_equal(record(&r, packed, len, 0), 0);
	assert_int_equal(r.frames, 10);
	free(packed);
	maker_fini(&m);
}

/* A thousandfold: the sink sees it in pieces, nobody holds it whole. */
static void a_bomb_is_read_in_pieces(void **state)
{
	enum { TOTAL = 64 << 20 };
	uint8_t *zeros = calloc(1, TOTAL), *packed = malloc(ROOM);
	struct bytes *source;
	uint64_t seen = 0;
	size_t len;

	(void)state;
	len = pack_gzip(zeros, TOTAL, packed, ROOM);
	free(zeros);
	assert_int_equal(bytes_over(packed, len, "bomb", &source), 0);
	while (bytes_want(source, 1)) {
		assert_true(bytes_ready(source) <= (1 << 20) + BYTES_WANT_MAX);
		seen += bytes_ready(source);
		source->pos = source->end;
		assert_int_equal(bytes_offset(source), seen);
	}
	assert_int_equal(bytes_error(source, NULL), 0);
	assert_int_equal(seen, TOTAL);
	bytes_close(source);
	free(packed);
}

/*
 * The window and lines.
 */

static void the_window_is_what_was_asked_for(void **state)
{
	struct random random = random_from_seed(3);
	uint8_t *data = malloc(3 * ROOM);
	struct bytes *source;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 3 * ROOM; i++)
		data[i] = (uint8_t)random_u64(&random);
	assert_int_equal(bytes_over(data, 3 * ROOM, "", &source), 0);
	while (at < 3 * ROOM) {
		size_t want = 1 + random_below(&random, BYTES_WANT_MAX);
		bool enough = bytes_want(source, want);
		size_t ready = bytes_ready(source), step;

		assert_int_equal(enough, at + want <= 3 * ROOM);
		assert_true(enough ? ready >= want : at + ready == 3 * ROOM);
		assert_memory_equal(source->pos, data + at, ready < want ? ready : want);
		step = 1 + random_below(&random, ready);
		if (random_chance(&random, 0.5)) {
			step = 1 + random_below(&random, 2 * BYTES_WANT_MAX);
			assert_int_equal(bytes_skip(source, step), at + step <= 3 * ROOM);
		} else {
			source->pos += step;
		}
		at += step;
		assert_int_equal(bytes_offset(source), at < 3 * ROOM ? at : 3 * ROOM);
	}
	bytes_close(source);
	free(data);
}

static void lines_end_where_they_should(void **state)
{
	static const char text[] = "one\n\r\n\ntwo\r\nthree\r four\n\xff\nlast";
	static const char *const expected[] = {"one",	       "",     "",    "two",
					       "three\r four", "\xff", "last"};

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct bytes *source;
		struct line line;

		assert_int_equal(bytes_over(text, sizeof(text) - 1, "", &source), 0);
		bytes_read_at_most(source, piece);
		for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
			assert_int_equal(bytes_line(source, &line), LINE_OK);
			assert_int_equal(line.len, strlen(expected[i]));
			assert_memory_equal(line.text, expected[i], line.len);
			assert_int_equal(line.whole, i + 1 < ARRAY_LEN(expected));
		}
		assert_int_equal(bytes_line(source, &line), LINE_NONE);
		bytes_close(source);
	}
}

static void a_line_too_long_is_stepped_over(void **state)
{
	static const size_t lengths[] = {BYTES_WANT_MAX - 1, BYTES_WANT_MAX, BYTES_WANT_MAX + 1,
					 3 << 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		for (int first = 0; first < 2; first++) {
			struct maker m = {0};
			struct bytes *source;
			struct line line;
			size_t len = lengths[i];

			put_text(&m, first ? "" : "before\n");
			for (size_t j = 0; j < len; j++)
				put(&m, "x", 1);
			put_text(&m, "\nafter\n");
			assert_int_equal(bytes_over(m.bytes, m.len, "", &source), 0);
			if (!first)
				assert_int_equal(bytes_line(source, &line), LINE_OK);
			/* Its end must fit, too. */
			assert_int_equal(bytes_line(source, &line),
					 len < BYTES_WANT_MAX ? LINE_OK : LINE_TOO_LONG);
			assert_int_equal(bytes_line(source, &line), LINE_OK);
			assert_int_equal(line.len, 5);
			assert_memory_equal(line.text, "after", 5);
			bytes_close(source);
			maker_fini(&m);
		}
	}
}

/*
 * Descriptors.
 */

struct writer {
	int fd;
	const struct maker *data;
};

static void *write_slowly(void *arg)
{
	struct writer *w = arg;

	for (size_t at = 0; at < w->data->len;) {
		size_t left = w->data->len - at;
		ssize_t n = write(w->fd, w->data->bytes + at, left < 777 ? left : 777);

		CHECK(n > 0);
		at += (size_t)n;
	}
	close(w->fd);
	return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
	struct maker m = {0};
	struct recorder r = {0};
	struct input_sink sink = recorder_sink(&r);
	char path[32];
	int ends[2];
	pthread_t thread;

	(void)state;
	make_capture(&m, 500, 1000);
	m.len -= 10; /* whoever wrote was killed */
	assert_int_equal(pipe(ends), 0);
	struct writer w = {ends[1], &m};
	assert_int_equal(pthread_create(&thread, NULL, write_slowly, &w), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	struct input_file file = {.path = path};
	assert_int_equal(input_read(&file, &sink, &r.why), -ENODATA);
	assert_int_equal(r.frames, 499);
	assert_non_null(strstr(r.why.text, "the file ends inside packet 500"));
	pthread_join(thread, NULL);
	close(ends[0]);
	maker_fini(&m);
}

static void what_cannot_be_opened_or_read_says_why(void **state)
{
	struct recorder r = {0};
	struct input_sink sink = recorder_sink(&r);
	struct input_file missing = {.path = (char *)(uintptr_t) "no/such/file"};
	struct input_file directory = {.path = (char *)(uintptr_t) "/"};

	(void)state;
	assert_int_equal(input_read(&missing, &sink, &r.why), -ENOENT);
	assert_string_equal(r.why.text, "no/such/file: cannot open: No such file or directory");
	assert_int_equal(input_read(&directory, &sink, &r.why), -EISDIR);
	assert_string_equal(r.why.text, "/: cannot read on after byte 0: Is a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_captures_are_read_as_plain_ones),
		cmocka_unit_test(every_cut_of_packed_data),
		cmocka_unit_test(members_follow_each_other),
		cmocka_unit_test(zeros_after_gzip_are_padding_and_anything_else_is_not),
		cmocka_unit_test(a_skippable_frame_comes_before_zstd),
		cmocka_unit_test(a_break_costs_only_what_comes_after_it),
		cmocka_unit_test(a_broken_block_head_does_not_cost_the_block_before),
		cmocka_unit_test(flipped_bits_are_noticed_or_harmless),
		cmocka_unit_test(xz_that_asks_for_4_gib_is_refused),
		cmocka_unit_test(zstd_that_asks_for_2_gib_is_refused),
		cmocka_unit_test(xz_9_is_read),
		cmocka_unit_test(a_bomb_is_read_in_pieces),
		cmocka_unit_test(the_window_is_what_was_asked_for),
		cmocka_unit_test(lines_end_where_they_should),
		cmocka_unit_test(a_line_too_long_is_stepped_over),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(what_cannot_be_opened_or_read_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
