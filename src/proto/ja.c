/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MD5 and SHA-256 are called below OpenSSL's EVP: to fetch an algorithm costs
 * more than to hash the few hundred bytes here, and a kept context would need
 * an owner in each thread.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proto/ja.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

static uint16_t number_at(const struct ja_list *list, size_t i)
{
	return (uint16_t)(list->at[2 * i] << 8 | list->at[2 * i + 1]);
}

static bool fits(const struct ja_hello *hello)
{
	return hello->ciphers.count <= JA_LIST_MAX && hello->extension_count <= JA_LIST_MAX &&
	       hello->groups.count <= JA_LIST_MAX && hello->signatures.count <= JA_LIST_MAX;
}

static void put_hex(char *out, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < count; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * count] = '\0';
}

/*
 * JA3: MD5 of "version,ciphers,extensions,groups,formats", in decimal, the
 * numbers of a list joined by '-'.
 */
struct ja3_text {
	MD5_CTX md5;
	char text[512];
	size_t len;
};

enum { DECIMAL_MAX = 6 }; /* "65535-" */

static void put_char(struct ja3_text *t, char c)
{
	t->text[t->len++] = c;
}

static void put_decimal(struct ja3_text *t, unsigned int value)
{
	char digits[DECIMAL_MAX];
	size_t count = 0;

	if (t->len > sizeof(t->text) - 2 * DECIMAL_MAX) {
		MD5_Update(&t->md5, t->text, t->len);
		t->len = 0;
	}
	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	while (count > 0)
		t->text[t->len++] = digits[--count];
	put_char(t, '-');
}

/* The last '-' of a list, if it has any numbers, gives way to what comes next. */
static void end_list(struct ja3_text *t, bool any, char next)
{
	if (any)
		t->len--;
	if (next)
		put_char(t, next);
}

static void put_numbers(struct ja3_text *t, const struct ja_list *list, char next)
{
	bool any = false;

	for (size_t i = 0; i < list->count; i++) {
		if (ja_is_grease(number_at(list, i)))
			continue;
		put_decimal(t, number_at(list, i));
		any = true;
	}
	end_list(t, any, next);
}

void ja3_write(const struct ja_hello *hello, char out[static JA3_SIZE])
{
	struct ja3_text t = {.len = 0};
	unsigned char digest[MD5_DIGEST_LENGTH];
	bool any = false;

	out[0] = '\0';
	if (!fits(hello))
		return;
	MD5_Init(&t.md5);
	put_decimal(&t, hello->version);
	end_list(&t, true, ',');
	put_numbers(&t, &hello->ciphers, ',');
	for (size_t i = 0; i < hello->extension_count; i++) {
		if (ja_is_grease(hello->extensions[i]))
			continue;
		put_decimal(&t, hello->extensions[i]);
		any = true;
	}
	end_list(&t, any, ',');
	put_numbers(&t, &hello->groups, ',');
	for (size_t i = 0; i < hello->format_count; i++)
		put_decimal(&t, hello->formats[i]);
	end_list(&t, hello->format_count > 0, '\0');
	MD5_Update(&t.md5, t.text, t.len);
	MD5_Final(digest, &t.md5);
	put_hex(out, digest, sizeof(digest));
}

/*
 * JA4: t13d1516h2_8daaf6152771_e5627efa2ab1
 *
 *	t    transport			13  highest version offered
 *	d|i  a server name is there	15  ciphers, at most 99 said
 *	16   extensions, likewise	h2  ends of the first ALPN
 *	_    SHA-256, 12 digits, of the ciphers in order, joined by ','
 *	_    the same of the extensions but SNI and ALPN, then '_' and the signatures as they stand
 */
enum { EXTENSION_NAME = 0, EXTENSION_ALPN = 16, HEX_MAX = 5 /* "cca8," */, HASH_DIGITS = 12 };

/* Insertion is the fastest for the usual 16; by digits for the unusual 1,000. */
static void sort_numbers(uint16_t *numbers, size_t count)
{
	uint16_t other[JA_LIST_MAX];

	if (count <= 64) {
		for (size_t i = 1; i < count; i++) {
			uint16_t value = numbers[i];
			size_t at = i;

			for (; at > 0 && numbers[at - 1] > value; at--)
				numbers[at] = numbers[at - 1];
			numbers[at] = value;
		}
		return;
	}
	for (unsigned int shift = 0; shift < 16; shift += 8) {
		size_t from[257] = {0};

		for (size_t i = 0; i < count; i++)
			from[(numbers[i] >> shift & 255) + 1]++;
		for (size_t i = 1; i < 257; i++)
			from[i] += from[i - 1];
		for (size_t i = 0; i < count; i++)
			other[from[numbers[i] >> shift & 255]++] = numbers[i];
		memcpy(numbers, other, count * sizeof(*numbers));
	}
}

/* Hex numbers joined by ','; returns the end. */
static char *put_list(char *at, const uint16_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[2] = {(uint8_t)(numbers[i] >> 8), (uint8_t)numbers[i]};

		if (i > 0)
			*at++ = ',';
		put_hex(at, bytes, 2);
		at += 4;
	}
	return at;
}

static size_t without_grease(const struct ja_list *list, uint16_t *out)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!ja_is_grease(number_at(list, i)))
			out[count++] = number_at(list, i);
	return count;
}

static void put_hash(char *out, const char *text, size_t len)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, text, len);
	SHA256_Final(digest, &sha);
	put_hex(out, digest, HASH_DIGITS / 2);
}

static const char *version_name(uint16_t version)
{
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	case 0xfeff:
		return "d1";
	case 0xfefd:
		return "d2";
	case 0xfefc:
		return "d3";
	default:
		return "00";
	}
}

static bool is_letter_or_digit(uint8_t b)
{
	return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

static void put_alpn(char *out, const struct ja_hello *hello)
{
	uint8_t first = hello->alpn[0], last = hello->alpn[1];
	char hex[5];

	if (!hello->has_alpn) {
		memcpy(out, "00", 2);
	} else if (is_letter_or_digit(first) && is_letter_or_digit(last)) {
		out[0] = (char)first;
		out[1] = (char)last;
	} else {
		put_hex(hex, (uint8_t[]){first, last}, 2);
		out[0] = hex[0];
		out[1] = hex[3];
	}
}

static void put_count(char *out, size_t count)
{
	if (count > 99)
		count = 99;
	out[0] = (char)('0' + count / 10);
	out[1] = (char)('0' + count % 10);
}

static void put_ciphers(char *count_out, char *hash_out, const struct ja_list *ciphers)
{
	uint16_t numbers[JA_LIST_MAX];
	char text[JA_LIST_MAX * HEX_MAX];
	size_t count = without_grease(ciphers, numbers);

	put_count(count_out, count);
	memcpy(hash_out, "000000000000", HASH_DIGITS);
	if (count == 0)
		return;
	sort_numbers(numbers, count);
	put_hash(hash_out, text, (size_t)(put_list(text, numbers, count) - text));
}

static void put_extensions(char *count_out, char *hash_out, const struct ja_hello *hello)
{
	uint16_t numbers[JA_LIST_MAX];
	char text[2 * JA_LIST_MAX * HEX_MAX + 2], *end;
	size_t count = 0, all = 0;

	for (size_t i = 0; i < hello->extension_count; i++) {
		uint16_t type = hello->extensions[i];

		all += !ja_is_grease(type);
		if (!ja_is_grease(type) && type != EXTENSION_NAME && type != EXTENSION_ALPN)
			numbers[count++] = type;
	}
	put_count(count_out, all);
	memcpy(hash_out, "000000000000", HASH_DIGITS);
	if (count == 0)
		return;
	sort_numbers(numbers, count);
	end = put_list(text, numbers, count);
	count = without_grease(&hello->signatures, numbers);
	if (count > 0) {
		*end++ = '_';
		end = put_list(end, numbers, count);
	}
	put_hash(hash_out, text, (size_t)(end - text));
}

void ja4_write(const struct ja_hello *hello, char out[static JA4_SIZE])
{
	out[0] = '\0';
	if (!fits(hello))
		return;
	put_ciphers(out + 4, out + 11, &hello->ciphers);
	put_extensions(out + 6, out + 24, hello);
	out[0] = hello->transport;
	memcpy(out + 1, version_name(hello->offer), 2);
	out[3] = hello->has_name ? 'd' : 'i';
	put_alpn(out + 8, hello);
	out[10] = out[23] = '_';
	out[36] = '\0';
}
