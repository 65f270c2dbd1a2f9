/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JA3: the two examples of its authors.  JA4: the worked example and the table of
 * ALPN values in FoxIO's text; long lists beside qsort() and OpenSSL's EVP.
 */
#include "unit/unit.h"

#include "hello_bytes.h"

#include "proto/ja.h"

#include <openssl/evp.h>

static struct ja_list list_of(const struct bytes *b)
{
	return (struct ja_list){.at = b->at, .count = b->len / 2};
}

/* "47-53-5" as it stands in a hello; the caller frees. */
static struct bytes numbers(const char *text)
{
	struct bytes b = {.at = malloc(strlen(text) * 2 + 2)};

	assert_non_null(b.at);
	while (*text) {
		char *end;
		unsigned long value = strtoul(text, &end, 10);

		b.at[b.len++] = (uint8_t)(value >> 8);
		b.at[b.len++] = (uint8_t)value;
		text = *end ? end + 1 : end;
	}
	return b;
}

static void assert_ja3(const char *ciphers, const char *extensions, const char *groups,
		       const char *expected)
{
	struct bytes c = numbers(ciphers), e = numbers(extensions), g = numbers(groups);
	static struct ja_hello hello;
	char text[JA3_SIZE];

	memset(&hello, 0, sizeof(hello));
	hello.version = 769;
	hello.ciphers = list_of(&c);
	hello.groups = list_of(&g);
	for (size_t i = 0; i < e.len / 2; i++)
		hello.extensions[hello.extension_count++] =
			(uint16_t)(e.at[2 * i] << 8 | e.at[2 * i + 1]);
	hello.formats = (const uint8_t[]){0};
	hello.format_count = groups[0] != '\0';
	ja3_write(&hello, text);
	assert_string_equal(text, expected);
	free(c.at);
	free(e.at);
	free(g.at);
}

static void the_two_examples_of_ja3(void **state)
{
	(void)state;
	assert_ja3("47-53-5-10-49161-49162-49171-49172-50-56-19-4", "0-10-11", "23-24-25",
		   "ada70206e40642a3e4461f35503241d5");
	assert_ja3("4-5-10-9-100-98-3-6-19-18-99", "", "", "de350869b8c85de67a350c8d186f11e6");
	/* GREASE is not there, even where it is all there is */
	assert_ja3("2570-4-5-10-9-100-98-3-6-19-18-99-64250", "2570", "",
		   "de350869b8c85de67a350c8d186f11e6");
}

static const uint8_t ciphers[] = {
	0x5a, 0x5a, /* GREASE */
	0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc,
	0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0x00, 0x9c, 0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35,
};
static const uint8_t signatures[] = {
	0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03,
	0x08, 0x05, 0x05, 0x01, 0x08, 0x06, 0x06, 0x01,
};

static struct ja_hello example(void)
{
	static const uint16_t extensions[] = {
		0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0xbaba,
		0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
	};
	struct ja_hello h = {
		.transport = 't',
		.version = 0x0303,
		.offer = 0x0304,
		.has_name = true,
		.has_alpn = true,
		.alpn = {'h', '2'},
		.ciphers = {ciphers, sizeof(ciphers) / 2},
		.signatures = {signatures, sizeof(signatures) / 2},
	};

	memcpy(h.extensions, extensions, sizeof(extensions));
	h.extension_count = ARRAY_LEN(extensions);
	return h;
}

static void the_worked_example_of_ja4(void **state)
{
	struct ja_hello h = example();
	char text[JA4_SIZE];

	(void)state;
	ja4_write(&h, text);
	assert_string_equal(text, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	h.signatures.count = 0;
	ja4_write(&h, text);
	assert_string_equal(text, "t13d1516h2_8daaf6152771_6d807ffa2a79");
	h.ciphers.count = 0;
	h.extension_count = 0;
	h.has_name = h.has_alpn = false;
	h.transport = 'q';
	ja4_write(&h, text);
	assert_string_equal(text, "q13i000000_000000000000_000000000000");
}

static void versions_have_two_letters(void **state)
{
	static const struct {
		uint16_t version;
		char text[3];
	} cases[] = {
		{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
		{0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}, {0x7f1c, "00"},
	};
	struct ja_hello h = example();
	char text[JA4_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		h.offer = cases[i].version;
		ja4_write(&h, text);
		assert_memory_equal(text + 1, cases[i].text, 2);
	}
}

static void alpn_that_is_no_text_is_told_in_hex(void **state)
{
	static const struct {
		uint8_t first, last;
		char text[3];
	} cases[] = {
		{'h', '2', "h2"},   {'h', '1', "h1"},	{'h', 'h', "hh"},
		{0xab, 0xab, "ab"}, {0xab, 0xcd, "ad"}, {0x20, 0x61, "21"},
		{0x30, 0xab, "3b"}, {0x30, 0xcd, "3d"}, {0x30, 0x31, "01"},
	};
	struct ja_hello h = example();
	char text[JA4_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		h.alpn[0] = cases[i].first;
		h.alpn[1] = cases[i].last;
		ja4_write(&h, text);
		assert_memory_equal(text + 8, cases[i].text, 2);
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 4);
}

/* Slowly: as texts, by qsort(). */
static void slow_hash(const struct ja_list *list, char out[13])
{
	char(*texts)[6] = calloc(list->count + 1, sizeof(*texts)), *all;
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t count = 0;

	assert_non_null(texts);
	for (size_t i = 0; i < list->count; i++)
		if (!ja_is_grease((unsigned int)list->at[2 * i] << 8 | list->at[2 * i + 1]))
			snprintf(texts[count++], 6, "%02x%02x,", list->at[2 * i],
				 list->at[2 * i + 1]);
	qsort(texts, count, sizeof(*texts), compare);
	all = malloc(count * 5 + 1);
	assert_non_null(all);
	for (size_t i = 0; i < count; i++)
		memcpy(all + 5 * i, texts[i], 5);
	assert_int_equal(EVP_Digest(all, count * 5 - 1, digest, NULL, EVP_sha256(), NULL), 1);
	for (int i = 0; i < 6; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	free(all);
	free(texts);
}

static void long_lists_are_sorted_too(void **state)
{
	struct ja_hello h = example();
	uint8_t bytes[2 * JA_LIST_MAX + 2];
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	h.ciphers.at = bytes;
	for (size_t count = 1; count <= JA_LIST_MAX; count += count < 70 ? 1 : 53) {
		char text[JA4_SIZE], expected[13];

		h.ciphers.count = count;
		ja4_write(&h, text);
		slow_hash(&h.ciphers, expected);
		assert_memory_equal(text + 11, expected, 12);
		if (count >= 105)
			assert_memory_equal(text + 4, "99", 2);
	}
	h.ciphers.count = JA_LIST_MAX + 1;
	char text[JA4_SIZE] = "x", three[JA3_SIZE] = "x";
	ja4_write(&h, text);
	ja3_write(&h, three);
	assert_string_equal(text, "");
	assert_string_equal(three, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_two_examples_of_ja3),
		cmocka_unit_test(the_worked_example_of_ja4),
		cmocka_unit_test(versions_have_two_letters),
		cmocka_unit_test(alpn_that_is_no_text_is_told_in_hex),
		cmocka_unit_test(long_lists_are_sorted_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
