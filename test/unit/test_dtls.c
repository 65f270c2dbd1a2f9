/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL's s_client sent, whole and in fragments of all sizes and orders; JA3 by tshark. */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "proto/dtls.h"

enum { RECORD_HEADER = 13, FRAGMENT_HEADER = 12 };

static void assert_is_three_example(const struct tls_hello *h)
{
	assert_int_equal(h->version, 0xfefd);
	assert_int_equal(h->offer, 0xfefd);
	assert_string_equal(h->sni, "three.example");
	assert_string_equal(h->ja3, "248a2544f4221c0f02f877e42fe67853");
	assert_string_equal(h->ja4, "dd2d280700_d943125447b4_e7e480e5a997");
	assert_true(h->complete);
}

static enum decode_verdict parse(struct dtls_opening *state, const uint8_t *at, size_t len,
				 struct tls_hello *out)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(copy);
	memcpy(copy, at, len);
	v = dtls_read(state, copy, len, out);
	free(copy);
	return v;
}

static void a_hello_in_one_piece(void **state)
{
	static const char *const hellos[] = {hello_dtls, hello_dtls_cookie};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hellos); i++) {
		struct bytes b = draw(hellos[i]);
		struct tls_hello h;

		assert_true(dtls_is_hello(b.at, b.len));
		assert_false(dtls_is_hello(b.at, 24));
		assert_int_equal(parse(&(struct dtls_opening){0}, b.at, b.len, &h), DECODE_OK);
		assert_is_three_example(&h);
		for (size_t len = 0; len < b.len; len++)
			assert_int_equal(parse(&(struct dtls_opening){0}, b.at, len, &h),
					 DECODE_TRUNCATED);
		free(b.at);
	}
}

/* One fragment of the hello's body, in a record of its own; returns its length. */
static size_t fragment(uint8_t *out, const struct bytes *whole, size_t at, size_t len)
{
	const uint8_t *body = whole->at + RECORD_HEADER + FRAGMENT_HEADER;
	size_t record = FRAGMENT_HEADER + len;

	memcpy(out, whole->at, RECORD_HEADER + FRAGMENT_HEADER);
	out[11] = (uint8_t)(record >> 8);
	out[12] = (uint8_t)record;
	memcpy(out + 19, (uint8_t[]){0, (uint8_t)(at >> 8), (uint8_t)at}, 3);
	memcpy(out + 22, (uint8_t[]){0, (uint8_t)(len >> 8), (uint8_t)len}, 3);
	memcpy(out + RECORD_HEADER + FRAGMENT_HEADER, body + at, len);
	return RECORD_HEADER + record;
}

static void fragments_in_any_order(void **state)
{
	struct bytes whole = draw(hello_dtls);
	size_t body = whole.len - RECORD_HEADER - FRAGMENT_HEADER;

	(void)state;
	for (size_t size = 1; size < body; size += 13) {
		size_t count = (body + size - 1) / size;

		for (size_t stride = 1; stride <= 3; stride += 2) {
			struct dtls_opening opening = {0};
			struct tls_hello h;
			uint8_t datagram[1024], together[8192];
			size_t filled = 0;

			if (count % stride == 0 && stride > 1)
				continue;
			for (size_t i = 0; i < count; i++) {
				size_t at = i * stride % count * size;
				size_t len = body - at < size ? body - at : size;
				size_t n = fragment(datagram, &whole, at, len);

				assert_int_equal(parse(&opening, datagram, n, &h),
						 i + 1 < count ? DECODE_TRUNCATED : DECODE_OK);
				if (filled + n <= sizeof(together)) {
					memcpy(together + filled, datagram, n);
					filled += n;
				}
			}
			assert_is_three_example(&h);
			if (count * (size + 25) > sizeof(together))
				continue;
			/* and all records in one datagram */
			opening = (struct dtls_opening){0};
			assert_int_equal(parse(&opening, together, filled, &h), DECODE_OK);
			assert_is_three_example(&h);
		}
	}
	free(whole.at);
}

static void the_hello_with_a_cookie_starts_anew(void **state)
{
	struct bytes first = draw(hello_dtls), second = draw(hello_dtls_cookie);
	struct dtls_opening opening = {0};
	struct tls_hello h;
	uint8_t datagram[1024];
	size_t n = fragment(datagram, &first, 0, 100);

	(void)state;
	assert_int_equal(parse(&opening, datagram, n, &h), DECODE_TRUNCATED);
	assert_int_equal(parse(&opening, second.at, second.len, &h), DECODE_OK);
	assert_is_three_example(&h);
	/* even one that is as long: nothing of what came under the old number stays */
	opening = (struct dtls_opening){0};
	first.at[RECORD_HEADER + FRAGMENT_HEADER] ^= 1;
	n = fragment(datagram, &first, 0, 100);
	assert_int_equal(parse(&opening, datagram, n, &h), DECODE_TRUNCATED);
	first.at[RECORD_HEADER + FRAGMENT_HEADER] ^= 1;
	first.at[RECORD_HEADER + 5] = 1;
	assert_int_equal(parse(&opening, first.at, first.len, &h), DECODE_OK);
	assert_is_three_example(&h);
	free(first.at);
	free(second.at);
}

/* RFC 9147, 4.2.1: versions count down, so the newest is the smallest. */
static void the_newest_version_has_the_smallest_number(void **state)
{
	struct bytes b = draw("16fefd 0000 000000000000 0043 01 000037 0000 000000 000037 fefd"
			      "0000000000000000000000000000000000000000000000000000000000000000"
			      "00 00 0002 1301 01 00 000b 002b 0007 06 fefd fefc feff");
	struct tls_hello h;

	(void)state;
	assert_int_equal(parse(&(struct dtls_opening){0}, b.at, b.len, &h), DECODE_OK);
	assert_int_equal(h.offer, 0xfefc);
	assert_memory_equal(h.ja4, "dd3i010100_", 11);
	free(b.at);
}

static void what_is_no_hello(void **state)
{
	static const struct {
		const char *hex;
		enum decode_verdict verdict;
	} cases[] = {
		{"17fefd 0001 000000000000 0001 00", DECODE_UNSUPPORTED},
		{"16fefd 0001 000000000000 0001 00", DECODE_UNSUPPORTED}, /* encrypted */
		{"16fefd 0000 000000000000 000c 03 000000 0000 000000 000000", DECODE_UNSUPPORTED},
		/* a fragment longer than its record, than its message, and beyond its end */
		{"16fefd 0000 000000000000 000c 01 000001 0000 000000 000001", DECODE_MALFORMED},
		{"16fefd 0000 000000000000 000d 01 000000 0000 000000 000001 00", DECODE_MALFORMED},
		{"16fefd 0000 000000000000 000d 01 000001 0000 000001 000001 00", DECODE_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes b = draw(cases[i].hex);
		struct tls_hello h;

		assert_int_equal(parse(&(struct dtls_opening){0}, b.at, b.len, &h),
				 cases[i].verdict);
		free(b.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_in_one_piece),
		cmocka_unit_test(fragments_in_any_order),
		cmocka_unit_test(the_hello_with_a_cookie_starts_anew),
		cmocka_unit_test(the_newest_version_has_the_smallest_number),
		cmocka_unit_test(what_is_no_hello),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
