/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The examples of RFC 9001 A and RFC 9369 A, those of the drafts (-23 and -29 of
 * quic-tls, A.1), and what a client may do with them: any order, several
 * packets, other names, other versions.
 */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "quic_maker.h"

static const uint8_t rfc_id[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

struct reader {
	struct quic_keys *keys;
	struct quic_opening opening;
	struct tls_hello hello;
};

static struct reader *reader_new(void)
{
	struct reader *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->keys = quic_keys_new();
	return r;
}

static void reader_free(struct reader *r)
{
	quic_keys_free(r->keys);
	free(r);
}

static enum decode_verdict feed(struct reader *r, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	enum decode_verdict v;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	v = quic_read(r->keys, &r->opening, copy, len, &r->hello);
	free(copy);
	return v;
}

static enum decode_verdict feed_packet(struct reader *r, const struct quic_packet *p)
{
	return feed(r, p->bytes, p->len);
}

/* JA3 and JA4 by a script of twenty lines over hashlib. */
static void assert_is_example_com(const struct tls_hello *h)
{
	assert_true(h->complete);
	assert_string_equal(h->sni, "example.com");
	assert_string_equal(h->alpn, "alpn");
	assert_int_equal(h->version, 0x0303);
	assert_int_equal(h->offer, 0x0304);
	assert_string_equal(h->ja3, "41bc9ae914d6cb3bd0bd0a5453ab7d7f");
	assert_string_equal(h->ja4, "q13d0211an_62ed6f6ca7ad_4d634acda6c0");
}

static void assert_hex(const void *bytes, const char *hex)
{
	struct bytes b = draw(hex);

	assert_memory_equal(bytes, b.at, b.len);
	free(b.at);
}

static void keys_are_those_of_the_standards(void **state)
{
	static const struct {
		uint32_t version;
		const char *key, *iv, *hp;
	} cases[] = {
		{QUIC_V1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
		 "9f50449e04a0e810283a1e9933adedd2"},
		{QUIC_V2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
		 "45b95e15235d6f45a6b19cbcb0294ba9"},
		{0xff00001d, "175257a31eb09dea9366d8bb79ad80ba", "6b26114b9cba2b63a9e8dd4f",
		 "9ddd12c994c0698b89374a9c077a3077"},
		{0xff000017, "af7fd7efebd21878ff66811248983694", "8681359410a70bb9c92f0420",
		 "a980b8b4fb7d9fbc13e814c23164253d"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct quic_secret s;

		assert_true(quic_keys_know(cases[i].version));
		quic_keys_derive(cases[i].version, rfc_id, sizeof(rfc_id), &s);
		assert_hex(s.key, cases[i].key);
		assert_hex(s.iv, cases[i].iv);
		assert_hex(s.hp, cases[i].hp);
	}
}

static void the_packets_of_both_rfcs(void **state)
{
	static const char *const packets[] = {rfc_9001_initial, rfc_9369_initial};
	static const uint32_t versions[] = {QUIC_V1, QUIC_V2};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(packets); i++) {
		struct bytes b = draw(packets[i]);
		struct reader *r = reader_new();

		assert_int_equal(b.len, 1200);
		assert_true(quic_is_initial(b.at, b.len));
		assert_int_equal(feed(r, b.at, b.len), DECODE_OK);
		assert_int_equal(r->opening.version, versions[i]);
		assert_is_example_com(&r->hello);
		reader_free(r);
		free(b.at);
	}
}

static void a_packet_that_was_touched_is_refused(void **state)
{
	struct bytes b = draw(rfc_9001_initial);

	(void)state;
	for (size_t at = 18; at < b.len; at += 37) {
		struct reader *r = reader_new();

		b.at[at] ^= 0x10;
		assert_int_equal(feed(r, b.at, b.len), DECODE_MALFORMED);
		assert_false(r->opening.keyed);
		b.at[at] ^= 0x10;
		reader_free(r);
	}
	for (size_t len = 0; len < b.len; len++) {
		struct reader *r = reader_new();

		assert_int_equal(feed(r, b.at, len), len < 5 ? DECODE_MALFORMED : DECODE_TRUNCATED);
		reader_free(r);
	}
	free(b.at);
}

static void every_version_that_is_known(void **state)
{
	struct bytes crypto = draw(rfc_9001_crypto);
	uint32_t versions[] = {QUIC_V1,	   QUIC_V2,    0xff000017, 0xff00001b,
			       0xff00001c, 0xff00001d, 0xff00001e, 0xff000020,
			       0xff000021, 0xff000022, 0xfaceb002};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		struct quic_maker m = quic_maker(versions[i], rfc_id, sizeof(rfc_id));
		struct quic_packet p = quic_seal(&m, crypto.at, crypto.len);
		struct reader *r = reader_new();

		assert_true(quic_is_initial(p.bytes, p.len));
		assert_int_equal(feed_packet(r, &p), DECODE_OK);
		assert_is_example_com(&r->hello);
		assert_int_equal(r->opening.version, versions[i]);
		quic_maker_fini(&m);
		reader_free(r);
	}
	free(crypto.at);
}

static void foreign_versions_are_told(void **state)
{
	static const struct {
		const char *hex;
		uint32_t version;
		bool initial;
	} cases[] = {
		{"c0 5a6a7a8a 08 8394c8f03e515708 00 00 40", 0x5a6a7a8a, true},
		{"c3 51303436 50 8394c8f03e515708 00 00 40", 0x51303436, true}, /* Q046 */
		{"0d 8394c8f03e515708 51303433 01 00 00 00", 0x51303433, true}, /* Q043 */
		{"c0 faceb001 08 8394c8f03e515708 00 00 40", 0xfaceb001, true},
		{"c0 12345678 08 8394c8f03e515708 00 00 40", 0x12345678, false},
		{"c0 ff000023 08 8394c8f03e515708 00 00 40", 0xff000023, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes b = draw(cases[i].hex);
		struct reader *r = reader_new();

		assert_int_equal(quic_is_initial(b.at, b.len), cases[i].initial);
		assert_int_equal(feed(r, b.at, b.len), DECODE_UNSUPPORTED);
		assert_int_equal(r->opening.version, cases[i].version);
		reader_free(r);
		free(b.at);
	}
}

static void others_are_no_initial(void **state)
{
	static const char *const cases[] = {
		"e0 00000001 08 8394c8f03e515708 00 00 40", /* Handshake */
		"f0 00000001 08 8394c8f03e515708 00 00 40", /* Retry */
		"80 00000001 08 8394c8f03e515708 00 00 40", /* no fixed bit */
		"c0 6b3343cf 08 8394c8f03e515708 00 00 40", /* Retry of version 2 */
		"c0 00000001 15 8394c8f03e515708 00 00 40", /* an id of 21 */
		"c0 00000000 08 8394c8f03e515708 00 00 40", /* version negotiation */
		"40 00000001 08 8394c8f03e515708 00 00 40", "00000000000000000000000000000000",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes b = draw(cases[i]);

		assert_false(quic_is_initial(b.at, b.len));
		free(b.at);
	}
}

/* The hello of the RFC with padding (RFC 7685) up to `len`, as long as a post-quantum one. */
static struct bytes long_hello(size_t len)
{
	struct bytes b = draw(rfc_9001_crypto), hello = {.at = calloc(1, len), .len = len};
	size_t pad = len - (b.len - 4) - 4, extensions = 4 + 2 + 32 + 1 + 2 + 4 + 1 + 1;

	assert_non_null(hello.at);
	memcpy(hello.at, b.at + 4, b.len - 4);
	put_number(hello.at + 1, len - 4, 3);
	put_number(hello.at + extensions, len - extensions - 2, 2);
	put_number(hello.at + b.len - 4, 21, 2);
	put_number(hello.at + b.len - 2, pad, 2);
	free(b.at);
	return hello;
}

/* Pieces `first`, `first + step`, ... of 90 bytes each, with other frames between them. */
static struct quic_packet scrambled(struct quic_maker *m, const struct bytes *hello, size_t first,
				    size_t step, size_t count)
{
	uint8_t text[MAKER_MAX];
	size_t n = 0, pieces = (hello->len + 89) / 90;

	for (size_t i = 0; i < count; i++) {
		size_t at = (first + i * step) % pieces * 90;
		size_t len = hello->len - at < 90 ? hello->len - at : 90;

		n += put_crypto(text + n, hello->at, at, len);
		text[n++] = 1; /* PING */
		memcpy(text + n, "\0\0\0", 3);
		n += 3;
		memcpy(text + n, "\x02\x07\x00\x01\x02\x00\x01", 7); /* ACK with one more range */
		n += 7;
		memcpy(text + n, "\x03\x07\x00\x00\x02\x01\x01\x01", 8); /* ACK with ECN */
		n += 8;
	}
	return quic_seal(m, text, n);
}

static void a_hello_scrambled_over_two_datagrams(void **state)
{
	struct bytes hello = long_hello(1800);
	struct quic_maker m = quic_maker(QUIC_V1, rfc_id, sizeof(rfc_id));
	struct reader *r = reader_new();
	struct quic_packet p = scrambled(&m, &hello, 7, 9, 10);
	uint8_t other[] = {1, 2, 3, 4, 5};

	(void)state;
	assert_int_equal(feed_packet(r, &p), DECODE_TRUNCATED);
	assert_false(r->hello.complete);
	/* the server has named itself by now, the keys stay */
	m.id = other;
	m.id_len = sizeof(other);
	p = scrambled(&m, &hello, 7 + 90, 9, 10);
	assert_int_equal(feed_packet(r, &p), DECODE_OK);
	assert_string_equal(r->hello.sni, "example.com");
	assert_memory_equal(r->hello.ja4, "q13d0212an_62ed6f6ca7ad_", 24);
	assert_true(r->hello.complete);
	free(hello.at);
	reader_free(r);
	quic_maker_fini(&m);
}

static void after_a_retry_the_keys_are_new(void **state)
{
	struct bytes hello = long_hello(1000);
	struct quic_maker m = quic_maker(QUIC_V1, rfc_id, sizeof(rfc_id));
	struct reader *r = reader_new();
	struct quic_packet p = scrambled(&m, &hello, 0, 1, 5);
	uint8_t other[] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};

	(void)state;
	assert_int_equal(feed_packet(r, &p), DECODE_TRUNCATED);
	quic_maker_fini(&m);
	m = quic_maker(QUIC_V1, other, sizeof(other));
	m.token_len = 300;
	p = scrambled(&m, &hello, 5, 1, 7);
	assert_int_equal(feed_packet(r, &p), DECODE_OK);
	assert_string_equal(r->hello.sni, "example.com");
	free(hello.at);
	reader_free(r);
	quic_maker_fini(&m);
}

static void packets_share_a_datagram(void **state)
{
	struct bytes crypto = draw(rfc_9001_crypto);
	/* 0-RTT with 5 bytes behind its length */
	static const uint8_t zero_rtt[] = {0xd0, 0, 0, 0, 1, 2, 7, 7, 0, 5, 1, 2, 3, 4, 5};
	struct quic_maker m = quic_maker(QUIC_V1, rfc_id, sizeof(rfc_id));
	struct quic_packet p = quic_seal(&m, crypto.at, crypto.len);
	uint8_t datagram[MAKER_MAX] = {0};
	struct reader *r = reader_new();

	(void)state;
	memcpy(datagram, zero_rtt, sizeof(zero_rtt));
	memcpy(datagram + sizeof(zero_rtt), p.bytes, p.len);
	assert_int_equal(feed(r, datagram, 1200), DECODE_OK); /* zeros at the end */
	assert_is_example_com(&r->hello);
	reader_free(r);
	free(crypto.at);
	quic_maker_fini(&m);
}

/* Each costs microseconds: a datagram of tiny ones must not. */
static void only_so_many_initials_are_opened(void **state)
{
	struct bytes crypto = draw(rfc_9001_crypto);
	struct quic_maker m = quic_maker(QUIC_V1, rfc_id, sizeof(rfc_id));

	(void)state;
	for (size_t before = 0; before < 6; before++) {
		uint8_t datagram[MAKER_MAX];
		struct reader *r = reader_new();
		size_t len = 0;

		for (size_t i = 0; i <= before; i++) {
			struct quic_packet p = i < before ? quic_seal(&m, (uint8_t[20]){1}, 20)
							  : quic_seal(&m, crypto.at, crypto.len);

			memcpy(datagram + len, p.bytes, p.len);
			len += p.len;
		}
		assert_int_equal(feed(r, datagram, len),
				 before < QUIC_INITIALS_MAX ? DECODE_OK : DECODE_TRUNCATED);
		reader_free(r);
	}
	free(crypto.at);
	quic_maker_fini(&m);
}

static void frames_that_contradict_themselves(void **state)
{
	static const char *const cases[] = {
		"06 00 40f1 010000ed 0303ebf8fa56f12939b9584a3896472ec40bb863", /* cut CRYPTO */
		"02 00 00 bfffffff 00 00000000000000000000000000000000",	/* ACK of many */
		"1e 00 00 00 00 00000000000000000000000000000000",    /* no frame of an Initial */
		"06 00 04 02000000 00000000000000000000000000000000", /* ServerHello */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes b = draw(cases[i]);
		struct quic_maker m = quic_maker(QUIC_V1, rfc_id, sizeof(rfc_id));
		struct quic_packet p = quic_seal(&m, b.at, b.len);
		struct reader *r = reader_new();

		assert_int_equal(feed_packet(r, &p), i < 3 ? DECODE_TRUNCATED : DECODE_MALFORMED);
		assert_int_equal(r->hello.sni_len, 0);
		quic_maker_fini(&m);
		reader_free(r);
		free(b.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_the_standards),
		cmocka_unit_test(the_packets_of_both_rfcs),
		cmocka_unit_test(a_packet_that_was_touched_is_refused),
		cmocka_unit_test(every_version_that_is_known),
		cmocka_unit_test(foreign_versions_are_told),
		cmocka_unit_test(others_are_no_initial),
		cmocka_unit_test(a_hello_scrambled_over_two_datagrams),
		cmocka_unit_test(after_a_retry_the_keys_are_new),
		cmocka_unit_test(packets_share_a_datagram),
		cmocka_unit_test(only_so_many_initials_are_opened),
		cmocka_unit_test(frames_that_contradict_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
