/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <errno.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

/*
 * Reading text.  A reader moves `at` only over what it understood.
 */
struct reader {
	const char *at, *end;
};

/* 0..max in decimal without a leading zero, or -1. */
static int read_decimal(struct reader *r, int max)
{
	const char *start = r->at;
	int value = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
		value = 10 * value + (*r->at++ - '0');
		if (value > max || (*start == '0' && r->at - start > 1))
			return -1;
	}
	return r->at == start ? -1 : value;
}

/* Four numbers and three dots up to the very end. */
static bool read_v4(struct reader *r, uint8_t out[static 4])
{
	for (int i = 0; i < 4; i++) {
		int value;

		if (i > 0 && (r->at == r->end || *r->at++ != '.'))
			return false;
		value = read_decimal(r, 255);
		if (value < 0)
			return false;
		out[i] = (uint8_t)value;
	}
	return r->at == r->end;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to four hex digits, or -1. */
static int read_group(struct reader *r)
{
	const char *start = r->at;
	int value = 0;

	while (r->at < r->end && r->at - start < 4 && hex_digit(*r->at) >= 0)
		value = value << 4 | hex_digit(*r->at++);
	return r->at == start ? -1 : value;
}

/* Eats "::" if it is next. */
static bool read_gap(struct reader *r)
{
	if (r->end - r->at < 2 || r->at[0] != ':' || r->at[1] != ':')
		return false;
	r->at += 2;
	return true;
}

/* What may stand before a group: nothing at the start or after "::", else ":". */
static bool read_separator(struct reader *r, size_t used, size_t gap)
{
	if (used == 0 || gap == used)
		return true;
	if (r->at == r->end || *r->at != ':')
		return false;
	r->at++;
	return true;
}

/*
 * RFC 4291, 2.2: groups of hex, one "::" standing for one or more groups of
 * zeros, and optionally a dotted quad for the last two groups.
 */
static bool read_v6(struct reader *r, uint8_t out[static 16])
{
	uint8_t bytes[16] = {0};
	size_t used = 0;
	size_t gap = SIZE_MAX; /* where the zeros go */

	while (r->at < r->end) {
		struct reader quad;
		int group;

		if (gap == SIZE_MAX && read_gap(r)) {
			gap = used;
			continue;
		}
		if (used == 16 || !read_separator(r, used, gap))
			return false;
		quad = *r;
		if (used <= 12 && read_v4(&quad, bytes + used)) {
			used += 4;
			r->at = quad.at;
			break;
		}
		group = read_group(r);
		if (group < 0)
			return false;
		bytes[used++] = (uint8_t)(group >> 8);
		bytes[used++] = (uint8_t)group;
	}
	if (gap == SIZE_MAX ? used != 16 : used > 14)
		return false;

	size_t head = gap == SIZE_MAX ? 16 : gap;

	memset(out, 0, 16);
	memcpy(out, bytes, head);
	memcpy(out + 16 - (used - head), bytes + head, used - head);
	return true;
}

int address_parse(const char *text, size_t len, struct address *out_address)
{
	struct reader r = {.at = text, .end = text + len};
	uint8_t bytes[16];

	if (len >= ADDRESS_TEXT_SIZE)
		return -EINVAL;
	if (read_v4(&r, bytes)) {
		*out_address = address_v4(bytes);
		return 0;
	}
	r.at = text;
	if (!read_v6(&r, bytes))
		return -EINVAL;
	*out_address = address_v6(bytes);
	return 0;
}

static char *write_decimal(char *out, unsigned int value)
{
	if (value >= 100)
		*out++ = (char)('0' + value / 100);
	if (value >= 10)
		*out++ = (char)('0' + value / 10 % 10);
	*out++ = (char)('0' + value % 10);
	return out;
}

static char *write_v4(char *out, const uint8_t bytes[static 4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*out++ = '.';
		out = write_decimal(out, bytes[i]);
	}
	return out;
}

static char *write_group(char *out, unsigned int value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*out++ = digits[value >> shift & 15];
	return out;
}

struct run {
	int start, len;
};

/* The longest run of at least two zero groups, the first of equals (RFC 5952, 4.2). */
static struct run longest_zeros(const unsigned int group[static 8])
{
	struct run best = {.start = -1, .len = 1}, run = {0};

	for (int i = 0; i < 8; i++) {
		if (group[i] != 0) {
			run.len = 0;
			continue;
		}
		if (run.len++ == 0)
			run.start = i;
		if (run.len > best.len)
			best = run;
	}
	return best;
}

static char *write_v6(char *out, const uint8_t bytes[static 16])
{
	bool mapped = !memcmp(bytes, mapped_prefix, sizeof(mapped_prefix));
	unsigned int group[8];
	struct run zeros;

	if (mapped) { /* RFC 5952, 5: a known embedded IPv4 address is shown as one */
		for (const char *c = "::ffff:"; *c; c++)
			*out++ = *c;
		return write_v4(out, bytes + 12);
	}
	for (size_t i = 0; i < 8; i++)
		group[i] = (unsigned int)bytes[2 * i] << 8 | bytes[2 * i + 1];
	zeros = longest_zeros(group);
	for (int i = 0; i < 8; i++) {
		if (i == zeros.start) {
			*out++ = ':';
			*out++ = ':';
			i += zeros.len - 1;
			continue;
		}
		if (i > 0 && i != zeros.start + zeros.len)
			*out++ = ':';
		out = write_group(out, group[i]);
	}
	return out;
}

const char *address_text(const struct address *a, char out[static ADDRESS_TEXT_SIZE])
{
	char *end;

	if (a->version == 4) {
		end = write_v4(out, a->bytes + 12);
	} else if (a->version == 6) {
		end = write_v6(out, a->bytes);
	} else {
		end = out;
		*end++ = '-';
	}
	*end = '\0';
	return out;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int address_compare(const struct address *a, const struct address *b)
{
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* How many of the 16 bytes' bits the network's prefix covers. */
static unsigned int prefix_bits(const struct network *n)
{
	return n->address.version == 4 ? 96u + n->prefix : n->prefix;
}

static void clear_host_bits(struct network *n)
{
	unsigned int bits = prefix_bits(n);

	for (unsigned int i = 0; i < 16; i++) {
		unsigned int kept = bits < 8 ? bits : 8;

		n->address.bytes[i] &= (uint8_t)(0xff00u >> kept);
		bits -= kept;
	}
}

int network_parse(const char *text, struct network *out_network)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct network n;
	int max, prefix, rc;

	rc = address_parse(text, len, &n.address);
	if (rc)
		return rc;
	max = n.address.version == 4 ? 32 : 128;
	prefix = max;
	if (slash) {
		struct reader r = {.at = slash + 1, .end = slash + 1 + strlen(slash + 1)};

		prefix = read_decimal(&r, max);
		if (prefix < 0 || r.at != r.end)
			return -EINVAL;
	}
	n.prefix = (uint8_t)prefix;
	clear_host_bits(&n);
	*out_network = n;
	return 0;
}

const char *network_text(const struct network *n, char out[static NETWORK_TEXT_SIZE])
{
	char *end;

	address_text(&n->address, out);
	if (n->address.version == 0)
		return out;
	end = out + strlen(out);
	*end++ = '/';
	end = write_decimal(end, n->prefix);
	*end = '\0';
	return out;
}

static bool all_bytes_are(const uint8_t *bytes, size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

bool address_is_group(const struct address *a)
{
	const uint8_t *quad = a->bytes + 12;
	bool mapped = all_bytes_are(a->bytes, 10, 0) && all_bytes_are(a->bytes + 10, 2, 0xff);

	if (a->version == 4 || mapped)
		return (quad[0] & 0xf0) == 0xe0 || all_bytes_are(quad, 4, 0) ||
		       all_bytes_are(quad, 4, 0xff);
	return a->bytes[0] == 0xff || all_bytes_are(a->bytes, 16, 0);
}
