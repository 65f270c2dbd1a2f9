/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/random.h"
#include "stream_model.h"

#include <netinet/in.h>
#include <time.h>

static struct packet segment(uint32_t seq, const void *bytes, size_t len)
{
	return (struct packet){
		.tuple = {.src = address_v4((uint8_t[]){10, 0, 0, 1}),
			  .dst = address_v4((uint8_t[]){192, 0, 2, 1}),
			  .src_port = 50000,
			  .dst_port = 443,
			  .proto = IPPROTO_TCP},
		.payload = len ? bytes : NULL,
		.payload_bytes = (uint32_t)len,
		.payload_captured = (uint32_t)len,
		.tcp_seq = seq,
		.tcp_flags = TCP_ACK,
	};
}

static struct packet syn(uint32_t seq)
{
	struct packet p = segment(seq, NULL, 0);

	p.tcp_flags = TCP_SYN;
	return p;
}

static struct stream_pool *pool_of(size_t buffers)
{
	struct stream_pool *pool = stream_pool_new((buffers + 1) * (STREAM_MAX + 2048 + 128));

	assert_non_null(pool);
	return pool;
}

/* A stream, its pool, and what was seen of it last. */
struct fixture {
	struct stream_pool *pool;
	struct stream stream;
	struct stream_view view;
};

static bool give(struct fixture *f, uint32_t seq, const char *text)
{
	struct packet p = segment(seq, text, strlen(text));

	return stream_read(f->pool, &f->stream, &p, &f->view);
}

static void want(struct fixture *f, uint32_t seq, const char *text, size_t done, size_t need)
{
	struct packet p = segment(seq, text, strlen(text));

	stream_keep(f->pool, &f->stream, &p, &f->view, done, need);
}

static void assert_view(const struct fixture *f, const char *text)
{
	assert_int_equal(f->view.len, strlen(text));
	assert_memory_equal(f->view.bytes, text, strlen(text));
}

static void begin(struct fixture *f, uint32_t isn)
{
	struct packet p = syn(isn);

	*f = (struct fixture){.pool = pool_of(4)};
	assert_false(stream_read(f->pool, &f->stream, &p, &f->view));
}

static void test_first_segment_is_not_copied(void **state)
{
	struct fixture f;
	const char *text = "GET / HTTP/1.1\r\n";
	struct packet p = segment(1001, text, strlen(text));

	(void)state;
	begin(&f, 1000);
	assert_true(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_ptr_equal(f.view.bytes, text);
	assert_false(f.view.final || f.view.midstream);
	stream_settle(f.pool, &f.stream, &p.tuple);
	assert_false(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_int_equal(stream_stats(f.pool).taken, 0);
	stream_pool_free(f.pool);
}

static void test_pieces_are_joined(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, UINT32_MAX - 2); /* numbers wrap after two bytes */
	assert_true(give(&f, UINT32_MAX - 1, "ab"));
	want(&f, UINT32_MAX - 1, "ab", 0, 7);
	assert_false(give(&f, 2, "ef"));
	assert_false(give(&f, 0, "cd"));
	assert_true(give(&f, 4, "ghi"));
	assert_view(&f, "abcdefghi");
	assert_int_equal(stream_stats(f.pool).disorders, 1);
	assert_int_equal(stream_stats(f.pool).live, 1);
	stream_settle(f.pool, &f.stream,
		      &(struct tuple){0}); /* somebody else's is not given back */
	assert_int_equal(stream_stats(f.pool).live, 1);
	stream_pool_free(f.pool);
}

static void test_first_byte_wins(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0);
	assert_false(give(&f, 5, "EFGH"));
	assert_true(give(&f, 1, "abcdef"));
	assert_view(&f, "abcdEFGH");
	assert_int_equal(stream_stats(f.pool).conflicts, 1);
	want(&f, 1, "abcdef", 0, 9);
	assert_false(give(&f, 3, "cdEF"));
	assert_int_equal(stream_stats(f.pool).conflicts, 1);
	assert_true(give(&f, 8, "xi"));
	assert_view(&f, "abcdEFGHi");
	assert_int_equal(stream_stats(f.pool).conflicts, 2);
	stream_pool_free(f.pool);
}

/* RFC 9293, 3.8.4: a number already acknowledged and any byte. */
static void test_keep_alive_is_no_data(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0);
	assert_false(give(&f, 0, "x")); /* before the first byte */
	assert_true(give(&f, 1, "ab"));
	want(&f, 1, "ab", 0, 4);
	assert_false(give(&f, 2, "x"));
	assert_true(give(&f, 3, "cd"));
	assert_view(&f, "abcd");
	assert_int_equal(stream_stats(f.pool).conflicts, 0);
	stream_pool_free(f.pool);
}

static void test_start_without_syn(void **state)
{
	struct fixture f = {.pool = pool_of(4)};

	(void)state;
	assert_true(give(&f, 505, "efgh"));
	assert_true(f.view.midstream);
	want(&f, 505, "efgh", 0, 8);
	assert_true(give(&f, 501, "abcd")); /* it began before */
	assert_view(&f, "abcdefgh");
	want(&f, 501, "abcd", 8, 1);
	assert_false(give(&f, 501, "abcd")); /* that was read */
	assert_true(give(&f, 509, "i"));
	assert_view(&f, "i");
	stream_pool_free(f.pool);
}

/* RFC 7413: data in the SYN. */
static void test_syn_with_data(void **state)
{
	struct fixture f = {.pool = pool_of(4)};
	struct packet p = segment(41, "hello", 5);

	(void)state;
	p.tcp_flags = TCP_SYN;
	assert_true(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_view(&f, "hello");
	assert_false(f.view.midstream);
	stream_keep(f.pool, &f.stream, &p, &f.view, 0, 11);
	assert_false(give(&f, 42, "hello"));
	assert_true(give(&f, 47, " world"));
	assert_view(&f, "hello world");
	stream_pool_free(f.pool);
}

/* Whichever SYN the other side took, its data is read; a forged one, before or after, hides
 * nothing. */
static void test_second_syn_with_another_number(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct fixture f;
		struct packet other = syn(70000), third = syn(90000);

		begin(&f, 1000);
		assert_false(stream_read(f.pool, &f.stream, &other, &f.view));
		assert_false(stream_read(f.pool, &f.stream, &third, &f.view));
		assert_true(give(&f, first ? 1001 : 70001, "hello"));
		assert_view(&f, "hello");
		assert_false(f.view.midstream);
		stream_pool_free(f.pool);
	}
	(void)state;
}

/* RFC 6093, 2.1: the urgent pointer points behind the byte that is out of band. */
static void test_urgent_byte_is_left_out(void **state)
{
	struct fixture f;
	struct packet p = segment(1, "GEXT /", 6);

	(void)state;
	begin(&f, 0);
	p.tcp_flags |= TCP_URG;
	p.tcp_urgent = 3;
	assert_true(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_view(&f, "GET /");
	stream_keep(f.pool, &f.stream, &p, &f.view, 0, 7);
	assert_false(give(&f, 1, "GEXT /")); /* a retransmission finds its place */
	assert_true(give(&f, 7, "ab"));
	assert_view(&f, "GET /ab");
	want(&f, 7, "ab", 3, 3);
	assert_false(give(&f, 4, "T /ab"));
	assert_true(give(&f, 9, "c"));
	assert_view(&f, " /abc");
	assert_int_equal(stream_stats(f.pool).conflicts, 0);
	stream_pool_free(f.pool);
}

static void test_urgent_pointer_ahead(void **state)
{
	struct fixture f;
	struct packet p = segment(1, "ab", 2);

	(void)state;
	begin(&f, 0);
	p.tcp_flags |= TCP_URG;
	p.tcp_urgent = 4;
	assert_true(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_view(&f, "ab");
	stream_keep(f.pool, &f.stream, &p, &f.view, 0, 4);
	assert_false(give(&f, 3, "c!"));
	assert_true(give(&f, 5, "d"));
	assert_view(&f, "abcd");
	stream_pool_free(f.pool);
}

static void test_cut_capture_ends_the_view(void **state)
{
	struct fixture f;
	struct packet p = segment(1, "abcdef", 6), second = segment(4, "defghi", 6);

	(void)state;
	begin(&f, 0);
	p.payload_captured = 2;
	assert_true(stream_read(f.pool, &f.stream, &p, &f.view));
	assert_view(&f, "ab");
	assert_true(f.view.final);
	stream_pool_free(f.pool);

	begin(&f, 0);
	second.payload_captured = 2;
	assert_false(stream_read(f.pool, &f.stream, &second, &f.view));
	assert_true(give(&f, 1, "abc"));
	assert_view(&f, "abcde");
	assert_true(f.view.final);
	stream_pool_free(f.pool);
}

static void test_done_beyond_what_is_there(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0);
	assert_true(give(&f, 1, "abcd"));
	want(&f, 1, "abcd", 6, 1);
	assert_int_equal(stream_stats(f.pool).live, 0);
	assert_false(give(&f, 5, "xx"));
	assert_true(give(&f, 7, "gh"));
	assert_view(&f, "gh");
	want(&f, 7, "gh", 1, 4);
	assert_false(give(&f, 9, "ij"));
	assert_true(give(&f, 11, "k"));
	assert_view(&f, "hijk");
	want(&f, 11, "k", 1, 1);
	assert_true(give(&f, 12, "l"));
	assert_view(&f, "ijkl");
	want(&f, 12, "l", 4, 1); /* all of it: nothing is left to be kept */
	assert_int_equal(stream_stats(f.pool).live, 0);
	assert_true(give(&f, 13, "m"));
	want(&f, 13, "m", 40000, 1); /* beyond all that a buffer can hold */
	assert_int_equal(stream_stats(f.pool).live, 0);
	assert_true(give(&f, 40013, "z"));
	assert_view(&f, "z");
	stream_pool_free(f.pool);
}

static void test_a_missing_beginning_is_given_up(void **state)
{
	struct fixture f;
	int segments = 0;
	char text[1000 + 1] = "";

	(void)state;
	memset(text, 'x', 1000);
	begin(&f, 0);
	while (!give(&f, 1001 + 1000 * (uint32_t)segments, text))
		assert_in_range(++segments, 0, 100);
	assert_int_equal(f.view.len, 0);
	assert_true(f.view.final);
	assert_int_equal(stream_stats(f.pool).given_up, 1);
	assert_in_range(segments, 60, 80);
	stream_pool_free(f.pool);
}

static void test_full_buffer_is_final(void **state)
{
	struct fixture f;
	char text[1000 + 1] = "";
	uint32_t seq = 1;

	(void)state;
	memset(text, 'x', 1000);
	begin(&f, 0);
	assert_true(give(&f, seq, text));
	want(&f, seq, text, 0, 100000);
	for (int i = 0; i < 7; i++)
		assert_false(give(&f, seq += 1000, text));
	assert_true(give(&f, seq += 1000, text));
	assert_int_equal(f.view.len, STREAM_MAX);
	assert_true(f.view.final);
	stream_pool_free(f.pool);
}

static void test_pool_lends_to_the_newest(void **state)
{
	struct stream_pool *pool = pool_of(3);
	struct stream s[5] = {0};
	struct stream_view view;

	(void)state;
	for (uint16_t i = 0; i < 5; i++) {
		struct packet p = segment(1, "ab", 2);

		p.tuple.src_port = i;
		assert_true(stream_read(pool, &s[i], &p, &view));
		stream_keep(pool, &s[i], &p, &view, 0, 4);
	}
	assert_int_equal(stream_stats(pool).stolen, 2);
	assert_int_equal(stream_stats(pool).live, 3);
	for (uint16_t i = 0; i < 5; i++) {
		struct packet p = segment(3, "cd", 2);
		struct stream moved = s[i]; /* flows may be copied and moved */

		p.tuple.src_port = i;
		assert_true(stream_is_pending(&moved));
		assert_true(stream_read(pool, &moved, &p, &view));
		assert_int_equal(view.len, i < 2 ? 0 : 4);
		assert_int_equal(view.final, i < 2);
		stream_settle(pool, &moved, &p.tuple);
	}
	assert_int_equal(stream_stats(pool).live, 0);
	stream_pool_free(pool);
}

static void test_rest_and_scratch(void **state)
{
	struct fixture f;
	struct tuple sender = segment(0, "", 0).tuple;
	struct stream other = {0};
	uint8_t *bytes = NULL;

	(void)state;
	begin(&f, 0);
	assert_false(stream_rest(f.pool, &f.stream, &sender, &f.view));
	assert_true(give(&f, 1, "ab"));
	want(&f, 1, "ab", 0, 4);
	assert_true(stream_rest(f.pool, &f.stream, &sender, &f.view));
	assert_view(&f, "ab");
	assert_true(f.view.final);
	stream_settle(f.pool, &f.stream, &sender);

	bytes = stream_scratch(f.pool, &other, &sender); /* the same buffer, but clean */
	assert_non_null(bytes);
	for (size_t i = 0; i < STREAM_MAX; i++)
		assert_int_equal(bytes[i], 0);
	bytes[0] = 7;
	assert_ptr_equal(stream_scratch(f.pool, &other, &sender), bytes);
	assert_int_equal(bytes[0], 7);
	sender.src_port++;
	assert_null(stream_scratch(f.pool, &other, &sender));
	stream_pool_free(f.pool);
}

/*
 * Against the model: random segments, most of them near each other.
 */
static size_t up_to(struct random *r, size_t most)
{
	return (size_t)random_below(r, most + 1);
}

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 2654435761u >> 16);
}

static struct packet random_segment(struct random *r, size_t at, uint32_t offset, uint8_t *bytes)
{
	size_t len = up_to(r, 3) ? 1 + up_to(r, 20) : 1 + up_to(r, 1500);
	struct packet p;

	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at(at + i);
	if (up_to(r, 9) == 0)
		bytes[up_to(r, len - 1)] ^= 1;
	p = segment((uint32_t)at + offset, bytes, len);
	if (up_to(r, 30) == 0)
		p.payload_bytes += 5;
	if (up_to(r, 15) == 0) {
		p.tcp_flags |= TCP_URG;
		p.tcp_urgent = (uint16_t)up_to(r, len + 3);
	}
	return p;
}

static void agree_once(struct random *r, struct stream_model *m, struct stream_pool *pool)
{
	uint32_t offset = (uint32_t)random_below(r, (uint64_t)1 << 32);
	struct stream s = {0};
	struct stream_view view;
	bool with_syn = up_to(r, 3) != 0;
	uint64_t conflicts = stream_stats(pool).conflicts;
	struct packet p = syn(MODEL_START - 1 + offset);
	size_t segments = up_to(r, 55), furthest = MODEL_START;

	model_init(m, with_syn);
	if (with_syn)
		assert_false(stream_read(pool, &s, &p, &view));
	for (size_t i = 0; i < segments && m->filled < STREAM_MAX && m->base < 9 * STREAM_MAX;
	     i++) {
		uint8_t bytes[2000];
		size_t from = furthest - (up_to(r, 2) ? 0 : up_to(r, 60)), at = from + up_to(r, 30);
		bool seen, model_seen;

		if (up_to(r, 4))
			at = furthest;
		if (up_to(r, 20) == 0)
			at = furthest + STREAM_MAX - up_to(r, 3000);
		p = random_segment(r, at, offset, bytes);
		if (at + p.payload_captured < furthest + 3000)
			furthest = at + p.payload_captured;
		seen = stream_read(pool, &s, &p, &view);
		model_seen = model_read(m, at, &p);
		assert_int_equal(seen, model_seen);
		assert_int_equal(stream_stats(pool).conflicts - conflicts, m->conflicts);
		if (!seen)
			continue;
		assert_int_equal(view.len, m->view_len);
		assert_int_equal(view.final, m->final);
		assert_int_equal(view.midstream, !with_syn);
		assert_memory_equal(view.bytes, m->view, view.len);
		if (view.final && up_to(r, 1))
			break;

		size_t done = view.final	 ? view.len + up_to(r, 10)
			      : up_to(r, 2) == 0 ? up_to(r, view.len + 3)
						 : 0;
		size_t need = up_to(r, 1) ? view.len - (done < view.len ? done : view.len) + 1 +
						    up_to(r, 30)
					  : 1 + up_to(r, 2000);

		stream_keep(pool, &s, &p, &view, done, need);
		model_keep(m, done, need);
	}
	stream_settle(pool, &s, &p.tuple);
}

static void test_agrees_with_the_model(void **state)
{
	struct stream_pool *pool = pool_of(2);
	struct stream_model *m = calloc(1, sizeof(*m));
	struct random r = random_from_seed(1);

	(void)state;
	assert_non_null(m);
	for (int round = 0; round < 4000; round++)
		agree_once(&r, m, pool);
	assert_int_equal(stream_stats(pool).live, 0);
	free(m);
	stream_pool_free(pool);
}

/*
 * A conversation of one-byte segments, in order and in the worst orders.
 */
static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double ns_per_byte(size_t bytes, uint32_t (*place)(uint32_t), size_t *views)
{
	struct fixture f;
	double start = cpu_s();

	*views = 0;
	for (size_t n = 0; n < bytes; n += STREAM_MAX) {
		begin(&f, 0);
		for (uint32_t i = 0; i < STREAM_MAX && n + i < bytes; i++) {
			struct packet p = segment(1 + place(i), "x", 1);

			if (!stream_read(f.pool, &f.stream, &p, &f.view))
				continue;
			++*views;
			stream_keep(f.pool, &f.stream, &p, &f.view, 0, 2 * f.view.len);
		}
		assert_int_equal(stream_stats(f.pool).given_up, 0);
		stream_pool_free(f.pool);
	}
	return (cpu_s() - start) / (double)bytes * 1e9;
}

static uint32_t forward(uint32_t i)
{
	return i;
}

static uint32_t backward(uint32_t i)
{
	return STREAM_MAX - 1 - i;
}

static uint32_t odd_first(uint32_t i)
{
	return i < STREAM_MAX / 2 ? 2 * i + 1 : 2 * (i - STREAM_MAX / 2);
}

static void test_one_byte_segments_are_linear(void **state)
{
	uint32_t (*const orders[])(uint32_t) = {forward, backward, odd_first};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		size_t views;

		for (size_t bytes = STREAM_MAX; bytes <= 32 * STREAM_MAX; bytes *= 32) {
			double cost = ns_per_byte(bytes, orders[i], &views);

			assert_true(cost < 20000); /* quadratic work would take more, even here */
			assert_in_range(views, 1, 15 * bytes / STREAM_MAX);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_segment_is_not_copied),
		cmocka_unit_test(test_pieces_are_joined),
		cmocka_unit_test(test_first_byte_wins),
		cmocka_unit_test(test_keep_alive_is_no_data),
		cmocka_unit_test(test_start_without_syn),
		cmocka_unit_test(test_syn_with_data),
		cmocka_unit_test(test_second_syn_with_another_number),
		cmocka_unit_test(test_urgent_byte_is_left_out),
		cmocka_unit_test(test_urgent_pointer_ahead),
		cmocka_unit_test(test_cut_capture_ends_the_view),
		cmocka_unit_test(test_done_beyond_what_is_there),
		cmocka_unit_test(test_a_missing_beginning_is_given_up),
		cmocka_unit_test(test_full_buffer_is_final),
		cmocka_unit_test(test_pool_lends_to_the_newest),
		cmocka_unit_test(test_rest_and_scratch),
		cmocka_unit_test(test_agrees_with_the_model),
		cmocka_unit_test(test_one_byte_segments_are_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
