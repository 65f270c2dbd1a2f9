/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/domain.h"

#include <libpsl.h>
#include <string.h>

/* No rule of the list has more labels than this by far; longer names need not be searched whole. */
enum { LABELS_LOOKED_AT = 8 };

static size_t tail_start(const char *name, size_t len)
{
	int labels = 0;

	for (size_t at = len; at > 0; at--)
		if (name[at - 1] == '.' && ++labels == LABELS_LOOKED_AT)
			return at;
	return 0;
}

size_t domain_start(const char *name, size_t len)
{
	const char *tail = name + tail_start(name, len), *found;

	if (len == 0 || *tail == '.')
		return len;
	found = psl_registrable_domain(psl_builtin(), tail);
	return found && strchr(found, '.') ? (size_t)(found - name) : len;
}

bool domain_is_made_up(const char *name, size_t len)
{
	enum { LONG = 12 };
	size_t top = len;

	while (top > 0 && name[top - 1] != '.')
		top--;
	return len - top >= LONG && !psl_is_public_suffix2(psl_builtin(), name + top,
							   PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

static bool ends_in(const char *name, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len > n && !memcmp(name + len - n, suffix, n);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The octet at `*at`, stepped over with the dot behind it. */
static bool take_octet(const char *name, size_t len, size_t *at)
{
	size_t start = *at, i = start;
	unsigned value = 0;

	while (i < len && i < start + 3 && is_digit(name[i]))
		value = 10 * value + (unsigned)(name[i++] - '0');
	if (i == start || value > 255 || i == len || name[i] != '.')
		return false;
	*at = i + 1;
	return true;
}

static bool take_nibble(const char *name, size_t len, size_t *at)
{
	size_t i = *at;

	if (i + 1 >= len || name[i + 1] != '.')
		return false;
	if (!is_digit(name[i]) && (name[i] < 'a' || name[i] > 'f'))
		return false;
	*at = i + 2;
	return true;
}

enum { OCTETS = 4, NIBBLES = 32 };

bool domain_is_reverse(const char *name, size_t len)
{
	size_t at = 0;

	if (ends_in(name, len, ".in-addr.arpa")) {
		for (int i = 0; i < OCTETS && take_octet(name, len, &at); i++)
			;
		return at == len - strlen("in-addr.arpa");
	}
	if (!ends_in(name, len, ".ip6.arpa"))
		return false;
	for (int i = 0; i < NIBBLES && take_nibble(name, len, &at); i++)
		;
	return at == len - strlen("ip6.arpa");
}

bool domain_is_private(const char *name, size_t len)
{
	static const char *const tops[] = {
		".internal", ".local",	     ".lan",	   ".home",	 ".corp",      ".intranet",
		".private",  ".localdomain", ".home.arpa", ".localhost", ".workgroup", ".domain",
	};

	for (size_t i = 0; i < ARRAY_LEN(tops); i++)
		if (ends_in(name, len, tops[i]))
			return true;
	return false;
}

size_t domain_listed_address(const char *name, size_t len)
{
	size_t at = 0;
	int taken = 0;

	while (taken < NIBBLES && take_nibble(name, len, &at))
		taken++;
	if (taken == NIBBLES)
		return at;
	for (at = 0, taken = 0; taken < OCTETS && take_octet(name, len, &at); taken++)
		;
	return taken == OCTETS ? at : 0;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "\DDD" or "\xHH"; a backslash that begins neither stands for itself. */
static size_t take_byte(const char *name, size_t len, uint8_t *out)
{
	*out = (uint8_t)name[0];
	if (name[0] != '\\' || len < 4)
		return 1;
	if (name[1] == 'x' && hex_value(name[2]) >= 0 && hex_value(name[3]) >= 0) {
		*out = (uint8_t)(hex_value(name[2]) << 4 | hex_value(name[3]));
		return 4;
	}
	if (is_digit(name[1]) && is_digit(name[2]) && is_digit(name[3])) {
		*out = (uint8_t)((name[1] - '0') * 100 + (name[2] - '0') * 10 + (name[3] - '0'));
		return 4;
	}
	return 1;
}

size_t domain_bytes(const char *name, size_t len, uint8_t out[static DOMAIN_BYTES_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < len && used < DOMAIN_BYTES_MAX; used++)
		i += take_byte(name + i, len - i, &out[used]);
	return used;
}
