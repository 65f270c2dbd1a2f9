/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 5280, 4.1; each line is tag, length and content:
 *
 *	SEQUENCE Certificate
 *	  SEQUENCE to be signed
 *	    [0] version		not there in version 1
 *	    INTEGER serial
 *	    SEQUENCE signature algorithm
 *	    SEQUENCE issuer
 *	    SEQUENCE validity: not before, not after
 *	    SEQUENCE subject
 *	    SEQUENCE key: SEQUENCE { OID, ... }, BIT STRING
 *	    [1], [2] unique identifiers, hardly ever
 *	    [3] SEQUENCE extensions: SEQUENCE { OID, BOOLEAN critical, OCTET STRING }
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* to fetch SHA-256 anew costs more than to run it */

#include "proto/x509.h"

#include "base/cursor.h"

#include <openssl/sha.h>
#include <string.h>

enum tag {
	TAG_INTEGER = 0x02,
	TAG_OID = 0x06,
	TAG_UTC_TIME = 0x17,
	TAG_GENERALIZED_TIME = 0x18,
	TAG_BMP_STRING = 0x1e,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_VERSION = 0xa0,
	TAG_EXTENSIONS = 0xa3,
	TAG_OCTETS = 0x04,
	TAG_DNS_NAME = 0x82, /* of GeneralName, 4.2.1.6 */
};

struct element {
	uint8_t tag;
	const uint8_t *at; /* content */
	size_t len;
};

static struct element take_element(struct cursor *c)
{
	struct element e = {.tag = cursor_u8(c)};
	uint8_t first = cursor_u8(c);

	e.len = first;
	if (first & 0x80) {
		/* 0x80 has no end, and no certificate needs more than 3 bytes */
		if (first == 0x80 || first > 0x83)
			c->failed = true;
		e.len = 0;
		for (int i = 0; i < (first & 0x7f) && !c->failed; i++)
			e.len = e.len << 8 | cursor_u8(c);
	}
	if (c->failed)
		return (struct element){.tag = e.tag};
	e.at = cursor_take(c, e.len);
	if (!e.at)
		e.len = 0;
	return e;
}

/* One that has to have this tag, or the cursor fails. */
static struct element take_tagged(struct cursor *c, enum tag tag)
{
	struct element e = take_element(c);

	if (e.tag != tag)
		c->failed = true;
	if (c->failed)
		return (struct element){.tag = (uint8_t)tag};
	return e;
}

static struct cursor inside(const struct element *e)
{
	struct cursor c = {.pos = e->at, .end = e->at, .failed = !e->at};

	if (e->at)
		c.end = e->at + e->len;
	return c;
}

/* Days since 1970-01-01 of the Gregorian calendar, counted in years that start with March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t from_march = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static int64_t two_digits(const uint8_t *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

static ns_t to_ns(int64_t seconds)
{
	if (seconds > INT64_MAX / NS_PER_SEC)
		return INT64_MAX;
	if (seconds < INT64_MIN / NS_PER_SEC)
		return INT64_MIN;
	return seconds * NS_PER_SEC;
}

/* RFC 5280, 4.1.2.5: YYMMDDHHMMSSZ, where 50 is 1950, or YYYYMMDDHHMMSSZ. */
static bool take_time(struct cursor *c, ns_t *out)
{
	struct element e = take_element(c);
	size_t year_digits = e.tag == TAG_UTC_TIME ? 2 : 4;
	const uint8_t *p = e.at;
	int64_t year, month, day, hour, minute, second;

	if ((e.tag != TAG_UTC_TIME && e.tag != TAG_GENERALIZED_TIME) || e.len != year_digits + 11 ||
	    p[e.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < e.len; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	year = two_digits(p);
	if (year_digits == 4)
		year = year * 100 + two_digits(p + 2);
	else
		year += year < 50 ? 2000 : 1900;
	p += year_digits;
	month = two_digits(p);
	day = two_digits(p + 2);
	hour = two_digits(p + 4);
	minute = two_digits(p + 6);
	second = two_digits(p + 8);
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 ||
	    second > 60)
		return false;
	*out = to_ns(((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second);
	return true;
}

static void write_name(char out[static X509_NAME_MAX + 1], const struct element *e)
{
	/* two bytes a character, of which the low one is what ASCII needs */
	size_t step = e->tag == TAG_BMP_STRING ? 2 : 1, len = 0;

	for (size_t i = step - 1; i < e->len && len < X509_NAME_MAX; i += step)
		out[len++] = e->at[i] >= 0x20 && e->at[i] < 0x7f ? (char)e->at[i] : '?';
	out[len] = '\0';
}

/* SEQUENCE { SET { SEQUENCE { OID, string }, ... }, ... } */
static void read_common_name(const struct element *name, char out[static X509_NAME_MAX + 1])
{
	static const uint8_t common_name[] = {0x55, 0x04, 0x03};
	struct cursor sets = inside(name);

	while (cursor_left(&sets) > 0) {
		struct element set = take_tagged(&sets, TAG_SET);
		struct cursor pairs = inside(&set);

		while (cursor_left(&pairs) > 0) {
			struct element pair = take_tagged(&pairs, TAG_SEQUENCE);
			struct cursor c = inside(&pair);
			struct element oid = take_tagged(&c, TAG_OID), text = take_element(&c);

			if (cursor_ok(&c) && oid.len == sizeof(common_name) &&
			    !memcmp(oid.at, common_name, sizeof(common_name)))
				write_name(out, &text);
		}
	}
}

static bool is_same(const struct element *a, const struct element *b)
{
	return a->len == b->len && a->at && b->at && !memcmp(a->at, b->at, a->len);
}

static enum x509_key key_of(const struct element *key)
{
	static const struct {
		uint8_t oid[9];
		uint8_t len;
		enum x509_key key;
	} known[] = {
		{{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}, 9, X509_KEY_RSA},
		{{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}, 7, X509_KEY_EC},
		{{0x2b, 0x65, 0x70}, 3, X509_KEY_ED25519},
		{{0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01}, 7, X509_KEY_DSA},
	};
	struct cursor c = inside(key);
	struct element algorithm = take_tagged(&c, TAG_SEQUENCE);
	struct cursor in = inside(&algorithm);
	struct element oid = take_tagged(&in, TAG_OID);

	for (size_t i = 0; cursor_ok(&in) && i < ARRAY_LEN(known); i++)
		if (oid.len == known[i].len && !memcmp(oid.at, known[i].oid, oid.len))
			return known[i].key;
	return X509_KEY_OTHER;
}

static bool read_validity(const struct element *validity, struct x509_summary *out)
{
	struct cursor c = inside(validity);

	return take_time(&c, &out->not_before) && take_time(&c, &out->not_after);
}

static void hash(const uint8_t *bytes, size_t len, uint8_t out[static 32])
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, bytes, len);
	SHA256_Final(out, &sha);
}

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* RFC 6125, 6.4: "*" stands for one label, the first. */
static bool is_covered(const uint8_t *pattern, size_t len, const char *name)
{
	if (len >= 2 && pattern[0] == '*' && pattern[1] == '.') {
		const char *dot = strchr(name, '.');

		if (!dot || dot == name)
			return false;
		pattern++;
		len--;
		name = dot;
	}
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(pattern[i]) != name[i])
			return false;
	return true;
}

/* GeneralNames; X509_NOT_ASKED: there is no name of a host among them. */
static enum x509_covers read_names(const struct element *octets, const char *name)
{
	struct cursor c = inside(octets), names;
	struct element all = take_tagged(&c, TAG_SEQUENCE);
	enum x509_covers covers = X509_NOT_ASKED;

	names = inside(&all);
	while (cursor_left(&names) > 0) {
		struct element e = take_element(&names);

		if (e.tag != TAG_DNS_NAME || !e.at)
			continue;
		if (is_covered(e.at, e.len, name))
			return X509_COVERS;
		covers = X509_COVERS_NOT;
	}
	return covers;
}

/* The cursor stands behind the key. */
static enum x509_covers read_extensions(struct cursor *c, const char *name)
{
	static const uint8_t alternative_names[] = {0x55, 0x1d, 0x11};
	struct element e = {0};
	struct cursor list;

	while (cursor_left(c) > 0 && e.tag != TAG_EXTENSIONS)
		e = take_element(c);
	if (e.tag != TAG_EXTENSIONS || !e.at)
		return X509_NOT_ASKED;
	*c = inside(&e);
	e = take_tagged(c, TAG_SEQUENCE);
	list = inside(&e);
	while (cursor_left(&list) > 0) {
		struct element extension = take_tagged(&list, TAG_SEQUENCE);
		struct cursor in = inside(&extension);
		struct element oid = take_tagged(&in, TAG_OID), value = take_element(&in);

		if (value.tag != TAG_OCTETS)
			value = take_element(&in); /* critical or not stands before it */
		if (cursor_ok(&in) && oid.len == sizeof(alternative_names) &&
		    !memcmp(oid.at, alternative_names, oid.len))
			return read_names(&value, name);
	}
	return X509_NOT_ASKED;
}

static void answer_name(struct cursor *c, const char *name, struct x509_summary *out)
{
	enum x509_covers covers = read_extensions(c, name);

	if (covers == X509_NOT_ASKED && *out->subject)
		covers = is_covered((const uint8_t *)out->subject, strlen(out->subject), name)
				 ? X509_COVERS
				 : X509_COVERS_NOT;
	out->covers = (uint8_t)covers;
}

enum decode_verdict x509_read(const uint8_t *der, size_t len, const struct x509_question *question,
			      struct x509_summary *out)
{
	struct cursor c = cursor_over(der, len);
	struct element e, issuer, validity, subject, key;
	enum decode_verdict verdict;

	memset(out, 0, sizeof(*out));
	hash(der, len, out->sha256);
	if (question && question->sha1)
		SHA1(der, len, out->sha1);
	e = take_tagged(&c, TAG_SEQUENCE);
	c = inside(&e);
	e = take_tagged(&c, TAG_SEQUENCE);
	c = inside(&e);
	if (cursor_left(&c) > 0 && c.pos[0] == TAG_VERSION)
		(void)take_element(&c);
	(void)take_tagged(&c, TAG_INTEGER);
	(void)take_tagged(&c, TAG_SEQUENCE);
	issuer = take_tagged(&c, TAG_SEQUENCE);
	validity = take_tagged(&c, TAG_SEQUENCE);
	subject = take_tagged(&c, TAG_SEQUENCE);
	if (!cursor_ok(&c))
		return DECODE_MALFORMED;
	out->self_issued = is_same(&issuer, &subject);
	read_common_name(&subject, out->subject);
	key = take_tagged(&c, TAG_SEQUENCE);
	out->key = (uint8_t)key_of(&key);
	verdict = read_validity(&validity, out) && cursor_ok(&c) ? DECODE_OK : DECODE_MALFORMED;
	if (verdict == DECODE_OK && question && question->name)
		answer_name(&c, question->name, out);
	return verdict;
}
