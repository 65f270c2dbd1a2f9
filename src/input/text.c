/* SPDX-License-Identifier: Apache-2.0 */
#include "input/text.h"

#include <endian.h>
#include <string.h>

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool text_is(struct text text, const char *word)
{
	return strlen(word) == text.len && !memcmp(text.at, word, text.len);
}

struct text text_split(struct text text, char separator, struct text *rest)
{
	const char *end = text.len ? memchr(text.at, separator, text.len) : NULL;

	if (!end) {
		*rest = (struct text){NULL, 0};
		return text;
	}
	*rest = (struct text){end + 1, (size_t)(text.at + text.len - end - 1)};
	return (struct text){text.at, (size_t)(end - text.at)};
}

/* Digits from `*at` on; stops at `end` or anything else.  False if none, or too many. */
static inline bool read_digits(const char **at, const char *end, uint64_t *out)
{
	const char *start = *at;
	uint64_t value = 0;

	while (*at < end && is_digit(**at)) {
		value = 10 * value + (uint64_t)(*(*at)++ - '0');
		if (*at - start > 19)
			return false;
	}
	*out = value;
	return *at > start;
}

bool text_count(struct text text, uint64_t *out)
{
	const char *at = text.at, *end;
	uint64_t value;

	if (!text.len)
		return false;
	end = at + text.len;
	if (!read_digits(&at, end, &value))
		return false;
	if (at < end && *at == '.') {
		for (at++; at < end && *at == '0';)
			at++;
	}
	if (at != end)
		return false;
	*out = value;
	return true;
}

bool text_port(struct text text, uint16_t *out)
{
	uint64_t value;

	if (!text_count(text, &value) || value > UINT16_MAX)
		return false;
	*out = (uint16_t)value;
	return true;
}

/*
 * A decimal number as digits * 10^exponent.  Nineteen significant digits are
 * kept, which is more than nanoseconds of any time we can hold.
 */
struct decimal {
	uint64_t digits;
	int exponent;
};

static bool read_exponent(const char **at, const char *end, int *out)
{
	bool negative = false;
	uint64_t value;

	if (*at < end && (**at == '+' || **at == '-'))
		negative = *(*at)++ == '-';
	if (!read_digits(at, end, &value) || value > 400)
		return false;
	*out = negative ? -(int)value : (int)value;
	return true;
}

static bool read_decimal(struct text text, struct decimal *out)
{
	const char *at = text.at, *end, *point = NULL;
	struct decimal d = {0};
	bool any = false;
	int extra = 0;

	if (!text.len)
		return false;
	for (end = at + text.len; at < end; at++) {
		if (is_digit(*at)) {
			any = true;
			if (d.digits < UINT64_MAX / 10 - 1) {
				d.digits = 10 * d.digits + (uint64_t)(*at - '0');
				d.exponent -= point != NULL;
			} else {
				d.exponent += point == NULL;
			}
		} else if (*at == '.' && !point) {
			point = at;
		} else {
			break;
		}
	}
	if (!any)
		return false;
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (!read_exponent(&at, end, &extra))
			return false;
	}
	d.exponent += extra;
	*out = d;
	return at == end;
}

/* digits * 10^exponent, cut to a whole number; false if it does not fit. */
static bool scale(struct decimal d, uint64_t *out)
{
	static const uint64_t powers[20] = {
		1u,
		10u,
		100u,
		1000u,
		10000u,
		100000u,
		1000000u,
		10000000u,
		100000000u,
		1000000000u,
		10000000000u,
		100000000000u,
		1000000000000u,
		10000000000000u,
		100000000000000u,
		1000000000000000u,
		10000000000000000u,
		100000000000000000u,
		1000000000000000000u,
		10000000000000000000u,
	};

	if (d.exponent > 19)
		return d.digits == 0 && (*out = 0, true);
	if (d.exponent < -19)
		*out = 0;
	else if (d.exponent < 0)
		*out = d.digits / powers[-d.exponent];
	else
		return !__builtin_mul_overflow(d.digits, powers[d.exponent], out);
	return true;
}

/*
 * Eight digits at once, the first in the lowest byte: neighbours are added up
 * in pairs, then pairs of pairs.  False if one is no digit.
 */
static inline bool eight_digits(uint64_t x, uint64_t *out)
{
	const uint64_t each = 0x0101010101010101u;

	if (((x & 0xf0 * each) ^ 0x30 * each) | (((x & 0x0f * each) + 6 * each) & 0x10 * each))
		return false;
	x &= 0x0f * each;
	x = (x * 10 + (x >> 8)) & 0x00ff00ff00ff00ffu;
	x = (x * 100 + (x >> 16)) & 0x0000ffff0000ffffu;
	*out = (x * 10000 + (x >> 32)) & 0xffffffffu;
	return true;
}

static inline uint64_t load8(const char *at)
{
	uint64_t x;

	memcpy(&x, at, sizeof(x));
	return le64toh(x);
}

/*
 * What Zeek writes: up to ten digits, a point and just six more.  False if
 * `text` is anything else, which may be a number all the same.
 */
static inline bool read_micros(struct text text, ns_t *out)
{
	size_t whole_len = text.len - 7;
	uint64_t micros, whole = 0;
	const char *at = text.at;

	if (text.len < 8 || text.len > 17 || at[whole_len] != '.')
		return false;
	/* The last eight with a digit and the point before the six made zeros. */
	if (!eight_digits((load8(at + text.len - 8) & ~(uint64_t)0xffff) | 0x3030, &micros))
		return false;
	if (whole_len >= 8) {
		if (!eight_digits(load8(at), &whole))
			return false;
		at += 8;
		whole_len -= 8;
	}
	for (; whole_len; whole_len--, at++) {
		if (!is_digit(*at))
			return false;
		whole = 10 * whole + (uint64_t)(*at - '0');
	}
	if (whole > (uint64_t)INT64_MAX / NS_PER_SEC - 1)
		return false;
	*out = (ns_t)(whole * NS_PER_SEC + micros * 1000);
	return true;
}

bool text_seconds(struct text text, ns_t *out)
{
	struct decimal d;
	uint64_t ns;

	if (read_micros(text, out))
		return true;
	if (!read_decimal(text, &d))
		return false;
	d.exponent += 9;
	if (!scale(d, &ns) || ns > INT64_MAX)
		return false;
	*out = (ns_t)ns;
	return true;
}

/* Days from 1970-01-01, by counting in years that begin in March. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t since_march = (month + 9) % 12;
	int64_t day_of_year = (153 * since_march + 2) / 5 + day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

/* Exactly `count` digits, then the character `then` (0: whatever). */
static bool read_field(const char **at, const char *end, int count, char then, int64_t *out)
{
	int64_t value = 0;

	if (end - *at < count + (then != 0))
		return false;
	for (int i = 0; i < count; i++) {
		if (!is_digit((*at)[i]))
			return false;
		value = 10 * value + ((*at)[i] - '0');
	}
	if (then && (*at)[count] != then)
		return false;
	*at += count + (then != 0);
	*out = value;
	return true;
}

/* Z, +02:00, +0200, +02 or nothing, up to the end; minutes to be subtracted. */
static bool read_zone(const char *at, const char *end, int64_t *out)
{
	int64_t hours, minutes = 0;
	bool west;

	*out = 0;
	if (at == end)
		return true;
	if (*at == 'Z' || *at == 'z')
		return at + 1 == end;
	if (*at != '+' && *at != '-')
		return false;
	west = *at++ == '-';
	if (!read_field(&at, end, 2, 0, &hours))
		return false;
	if (at < end && *at == ':' && ++at == end)
		return false;
	if (at < end && !read_field(&at, end, 2, 0, &minutes))
		return false;
	if (at != end || hours > 23 || minutes > 59)
		return false;
	*out = (west ? -1 : 1) * (60 * hours + minutes);
	return true;
}

static bool read_fraction(const char **at, const char *end, int64_t *out_ns)
{
	int64_t ns = 0, unit = NS_PER_SEC;

	*out_ns = 0;
	if (*at == end || (**at != '.' && **at != ','))
		return true;
	if (++*at == end || !is_digit(**at))
		return false;
	for (; *at < end && is_digit(**at); ++*at) {
		unit /= 10;
		ns += unit * (**at - '0');
	}
	*out_ns = ns;
	return true;
}

static bool read_iso(struct text text, ns_t *out)
{
	const char *at = text.at, *end = text.at + text.len;
	int64_t year, month, day, hour, minute, second, ns, zone, seconds;

	if (!read_field(&at, end, 4, '-', &year) || !read_field(&at, end, 2, '-', &month) ||
	    !read_field(&at, end, 2, 0, &day))
		return false;
	if (at == end || (*at != 'T' && *at != 't' && *at != ' '))
		return false;
	at++;
	if (!read_field(&at, end, 2, ':', &hour) || !read_field(&at, end, 2, ':', &minute) ||
	    !read_field(&at, end, 2, 0, &second))
		return false;
	if (!read_fraction(&at, end, &ns) || !read_zone(at, end, &zone))
		return false;
	if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59 || second > 60)
		return false;
	seconds = 86400 * days_from_civil(year, month, day) + 3600 * hour + 60 * minute + second -
		  60 * zone;
	*out = seconds * NS_PER_SEC + ns;
	return true;
}

bool text_time(struct text text, ns_t *out)
{
	struct decimal d;
	uint64_t whole;

	if (read_micros(text, out))
		return true;
	if (text.len > 4 && text.at[4] == '-')
		return read_iso(text, out);
	if (!read_decimal(text, &d))
		return false;
	if (scale(d, &whole) && whole >= 100000000000u)
		d.exponent -= 3;
	d.exponent += 9;
	if (!scale(d, &whole) || whole > INT64_MAX)
		return false;
	*out = (ns_t)whole;
	return true;
}

bool text_address(struct text text, struct address *out)
{
	const char *at = text.at, *end;
	uint64_t words[2] = {0};
	uint32_t quad = 0;

	if (!text.len)
		return false;
	end = at + text.len;
	for (int i = 0; i < 4; i++) {
		unsigned value = 0;
		const char *start = at;

		while (at < end && is_digit(*at) && at - start < 3)
			value = 10 * value + (unsigned)(*at++ - '0');
		/* Anything unusual, such as IPv6 or a leading zero, is for the careful one. */
		if (at == start || value > 255 || (*start == '0' && at - start > 1) ||
		    (i < 3 ? at == end || *at++ != '.' : at != end))
			return !address_parse(text.at, text.len, out);
		quad = quad << 8 | value;
	}
	/* In two whole words: bytes put one by one would be waited for by whoever reads words. */
	words[1] = htobe64((uint64_t)0xffff << 32 | quad);
	memcpy(out->bytes, words, sizeof(words));
	out->version = 4;
	return true;
}
