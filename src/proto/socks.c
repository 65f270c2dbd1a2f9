/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/socks.h"

#include "base/cursor.h"
#include "proto/name.h"

#include <string.h>

enum {
	METHOD_NONE = 0,
	METHOD_PASSWORD = 2,
	METHODS_MAX = 16, /* a dozen are registered; more is something else */
	TEXT_MAX = 255,
	ADDRESS_V4 = 1,
	ADDRESS_NAME = 3,
	ADDRESS_V6 = 4,
};

/*
 * The text up to a zero byte, of at most 255.  DECODE_TRUNCATED if that byte may
 * still come, DECODE_MALFORMED if it should have.
 */
static enum decode_verdict take_text(struct cursor *c, struct cursor *text)
{
	size_t left = cursor_left(c), room = left <= TEXT_MAX ? left : TEXT_MAX + 1;
	const uint8_t *end = room ? memchr(c->pos, '\0', room) : NULL;

	if (!end)
		return left > TEXT_MAX ? DECODE_MALFORMED : DECODE_TRUNCATED;
	*text = cursor_part(c, (size_t)(end - c->pos));
	cursor_skip(c, 1);
	return DECODE_OK;
}

static bool keep_name(const struct cursor *text, struct socks_request *out)
{
	size_t len = cursor_left(text);

	if (len == 0 || len > SOCKS_NAME_MAX)
		return false;
	out->name_len = name_clean(out->name, text->pos, len);
	return true;
}

/*
 * SOCKS 4, and 4a where the address is 0.0.0.x with x other than 0:
 *
 *	| 4 | command | port | address | user ... 0 | name ... 0 |
 *	| 1 |    1    |  2   |    4    |            |  (4a only) |
 */
static enum decode_verdict read_socks4(struct cursor *c, struct socks_request *out)
{
	uint8_t command = cursor_u8(c);
	uint16_t port = cursor_u16(c);
	const uint8_t *quad = cursor_take(c, 4);
	enum decode_verdict v;
	struct cursor text;
	bool named = quad && !quad[0] && !quad[1] && !quad[2] && quad[3];

	if (command > SOCKS_BIND || (cursor_ok(c) && command == 0))
		return DECODE_MALFORMED;
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	v = take_text(c, &text); /* the user */
	if (v == DECODE_OK && named)
		v = take_text(c, &text);
	if (v != DECODE_OK)
		return v;
	if (named) {
		if (!keep_name(&text, out))
			return DECODE_MALFORMED;
	} else {
		out->address = address_v4(quad);
	}
	out->command = command;
	out->port = port;
	return DECODE_OK;
}

/*
 * RFC 1928, 3, then RFC 1929, 2 if that method is on offer and its version, 1, comes next:
 *
 *	| 5 | count | methods ... |	| 1 | length | user ... | length | password ... |
 */
static enum decode_verdict read_greeting(struct cursor *c, struct socks_request *out)
{
	uint8_t count = cursor_u8(c);
	const uint8_t *methods = cursor_take(c, count);
	bool password;

	if (count > METHODS_MAX || (cursor_ok(c) && count == 0))
		return DECODE_MALFORMED;
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	out->version = 5;
	password = memchr(methods, METHOD_PASSWORD, count) != NULL;
	if (!password && !memchr(methods, METHOD_NONE, count))
		return DECODE_UNSUPPORTED;
	if (password && cursor_left(c) > 0 && c->pos[0] == 1) {
		cursor_skip(c, 1);
		cursor_skip(c, cursor_u8(c));
		cursor_skip(c, cursor_u8(c));
	}
	return cursor_ok(c) ? DECODE_OK : DECODE_TRUNCATED;
}

/*
 * RFC 1928, 4:
 *
 *	| 5 | command | 0 | kind | address ... | port |		name: | length 1 | name ... |
 *	| 1 |    1    | 1 |  1   |  4, 16, name|  2   |
 */
static enum decode_verdict read_socks5(struct cursor *c, struct socks_request *out)
{
	uint8_t version, command, reserved, kind;
	const uint8_t *bytes = NULL;
	struct cursor name = {0};
	uint16_t port;

	version = cursor_u8(c);
	command = cursor_u8(c);
	reserved = cursor_u8(c);
	kind = cursor_u8(c);
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	if (version != 5 || reserved != 0 || command < SOCKS_CONNECT || command > SOCKS_UDP)
		return DECODE_MALFORMED;
	if (kind == ADDRESS_NAME)
		name = cursor_part(c, cursor_u8(c));
	else if (kind == ADDRESS_V4 || kind == ADDRESS_V6)
		bytes = cursor_take(c, kind == ADDRESS_V4 ? 4 : 16);
	else
		return DECODE_MALFORMED;
	port = cursor_u16(c);
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	if (bytes)
		out->address = kind == ADDRESS_V4 ? address_v4(bytes) : address_v6(bytes);
	else if (!keep_name(&name, out))
		return DECODE_MALFORMED;
	out->command = command;
	out->port = port;
	return DECODE_OK;
}

enum decode_verdict socks_parse_request(const uint8_t *bytes, size_t len, struct socks_request *out)
{
	struct cursor c = cursor_over(bytes, len);
	uint8_t version = cursor_u8(&c);
	enum decode_verdict v;

	memset(out, 0, offsetof(struct socks_request, name));
	out->name[0] = '\0';
	out->bytes = 0;
	if (len == 0)
		return DECODE_TRUNCATED;
	if (version == 4) {
		v = read_socks4(&c, out);
		if (v == DECODE_OK)
			out->version = 4;
	} else if (version == 5) {
		v = read_greeting(&c, out);
		if (v == DECODE_OK)
			v = read_socks5(&c, out);
	} else {
		v = DECODE_MALFORMED;
	}
	if (v == DECODE_OK)
		out->bytes = (size_t)(c.pos - bytes);
	return v;
}
