/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic.h"

#include "base/cursor.h"

#include <string.h>

_Static_assert(sizeof(struct quic_opening) <= 8160, "fits a block of its callers' pools");

/* RFC 9000 17.2, and RFC 9369 3.2, which moves them on by one. */
enum packet_type { TYPE_INITIAL, TYPE_0RTT, TYPE_HANDSHAKE, TYPE_RETRY };

enum { LONG_HEADER = 0x80, FIXED_BIT = 0x40, FRAMES_MAX = 4096 };

struct long_header {
	uint32_t version;
	enum packet_type type;
	const uint8_t *id; /* destination */
	uint8_t id_len;
	size_t number_at, len; /* both from the packet's start */
};

/* RFC 9000, 16: the two high bits of the first byte tell the length. */
static uint64_t take_varint(struct cursor *c)
{
	uint64_t first = cursor_u8(c), value = first & 0x3f;

	for (size_t left = ((size_t)1 << (first >> 6)) - 1; left > 0; left--)
		value = value << 8 | cursor_u8(c);
	return value;
}

static enum packet_type type_of(uint8_t first, uint32_t version)
{
	unsigned int bits = first >> 4 & 3;

	return version == QUIC_V2 ? (bits + 3) & 3 : bits;
}

/*
 *	| 1 1 type - - | version | length | destination | length | source | ...
 *	|      1       |    4    |    1   |  0 to 20    |    1   |
 *
 * and then, of an Initial, a token with its length before it, and of all but a
 * Retry the length of the rest, the packet number and what is encrypted.
 */
static enum decode_verdict read_long_header(const uint8_t *bytes, size_t len,
					    struct long_header *out)
{
	struct cursor c = cursor_over(bytes, len);
	uint8_t first = cursor_u8(&c), source_len;
	uint64_t rest;

	out->version = cursor_u32(&c);
	if (!cursor_ok(&c) || !quic_keys_know(out->version))
		return DECODE_UNSUPPORTED;
	out->type = type_of(first, out->version);
	out->id_len = cursor_u8(&c);
	out->id = cursor_take(&c, out->id_len);
	source_len = cursor_u8(&c);
	cursor_skip(&c, source_len);
	if (out->id_len > QUIC_ID_MAX || source_len > QUIC_ID_MAX || out->type == TYPE_RETRY)
		return DECODE_MALFORMED;
	if (out->type == TYPE_INITIAL) {
		rest = take_varint(&c);
		if (cursor_left(&c) < rest)
			return DECODE_TRUNCATED;
		cursor_skip(&c, (size_t)rest);
	}
	rest = take_varint(&c);
	if (!cursor_ok(&c) || cursor_left(&c) < rest)
		return DECODE_TRUNCATED;
	out->number_at = (size_t)(c.pos - bytes);
	out->len = out->number_at + (size_t)rest;
	return DECODE_OK;
}

enum frame {
	FRAME_PADDING = 0,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_ACK_ECN = 3,
	FRAME_CRYPTO = 6,
};

/* RFC 9000, 19.3: largest, delay, count, first range, then gap and range for each; ECN has 3 more.
 */
static void skip_ack(struct cursor *c, uint64_t type)
{
	uint64_t ranges;

	(void)take_varint(c);
	(void)take_varint(c);
	ranges = take_varint(c);
	(void)take_varint(c);
	for (uint64_t i = 0; i < ranges && cursor_ok(c); i++) {
		(void)take_varint(c);
		(void)take_varint(c);
	}
	for (int i = 0; i < 3 && type == FRAME_ACK_ECN; i++)
		(void)take_varint(c);
}

/* An Initial may have no other frames but one that closes (RFC 9000, 12.4). */
static void read_frames(struct tls_gather *hello, const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);

	while (cursor_left(&c) > 0) {
		uint64_t type, at, piece;

		if (*c.pos == FRAME_PADDING || *c.pos == FRAME_PING) { /* a thousand in a row */
			c.pos++;
			continue;
		}
		type = take_varint(&c);
		if (type == FRAME_ACK || type == FRAME_ACK_ECN) {
			skip_ack(&c, type);
			continue;
		}
		if (type != FRAME_CRYPTO)
			return;
		at = take_varint(&c);
		piece = take_varint(&c);
		if (cursor_left(&c) < piece)
			return;
		tls_gather_put(hello, at, c.pos, (size_t)piece);
		cursor_skip(&c, (size_t)piece);
	}
}

/*
 * The keys stay those of the first destination that the client named, though
 * it goes on to name another once the server has answered; only a Retry makes
 * it derive them anew (RFC 9001, 5.2).
 */
static bool open_initial(struct quic_keys *keys, struct quic_opening *state, const uint8_t *packet,
			 const struct long_header *h)
{
	uint8_t text[QUIC_PACKET_MAX];
	struct quic_secret secret;
	size_t len = 0;

	if (h->len - h->number_at > sizeof(text))
		return false;
	if (state->keyed && state->version == h->version)
		len = quic_keys_open(keys, &state->secret, packet, h->number_at, h->len, text);
	if (len == 0) {
		if (state->keyed && state->version == h->version && state->id_len == h->id_len &&
		    !memcmp(state->id, h->id, h->id_len))
			return false;
		quic_keys_derive(h->version, h->id, h->id_len, &secret);
		len = quic_keys_open(keys, &secret, packet, h->number_at, h->len, text);
		if (len == 0)
			return false;
		state->secret = secret;
		state->version = h->version;
		state->id_len = h->id_len;
		memcpy(state->id, h->id, h->id_len);
		state->keyed = true;
	}
	read_frames(&state->hello, text, len);
	return true;
}

static bool is_q_version(uint32_t version)
{
	uint32_t first = version >> 24;

	/* "Q046" and "T051" */
	return (first == 'Q' || first == 'T') && (version >> 16 & 0xff) == '0' &&
	       (version >> 8 & 0xff) >= '0' && (version >> 8 & 0xff) <= '9' &&
	       (version & 0xff) >= '0' && (version & 0xff) <= '9';
}

/* gQUIC up to 43: | flags, 8 for an id and 1 for a version | id 8 | version 4 | ... */
static uint32_t old_version(const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);
	uint8_t flags = cursor_u8(&c);
	uint32_t version;

	cursor_skip(&c, 8);
	version = cursor_u32(&c);
	return (flags & 0xc9) == 0x09 && cursor_ok(&c) && is_q_version(version) ? version : 0;
}

/* Reserved to keep servers honest (RFC 9000, 15), gQUIC from 44 on, and Facebook's. */
static bool is_foreign(uint32_t version)
{
	return (version & 0x0f0f0f0f) == 0x0a0a0a0a || is_q_version(version) ||
	       version >> 8 == 0xfaceb0;
}

bool quic_is_initial(const uint8_t *bytes, size_t len)
{
	uint32_t version;

	if (len < 16)
		return false;
	if (!(bytes[0] & LONG_HEADER))
		return old_version(bytes, len) != 0;
	version = (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 |
		  bytes[4];
	if (quic_keys_know(version))
		return bytes[0] & FIXED_BIT && bytes[5] <= QUIC_ID_MAX &&
		       type_of(bytes[0], version) == TYPE_INITIAL;
	return is_foreign(version);
}

/* What the pieces make so far. */
static enum decode_verdict read_hello(const struct tls_gather *hello, struct tls_hello *out)
{
	enum decode_verdict verdict = tls_parse_message(hello->bytes, hello->filled, 'q', out);

	return verdict == DECODE_UNSUPPORTED ? DECODE_MALFORMED : verdict;
}

/* Not one of those that we open; whoever comes second does not change what the first was. */
static enum decode_verdict refuse(struct quic_opening *state, const uint8_t *datagram, size_t len)
{
	struct cursor c = cursor_over(datagram, len);
	uint32_t version = old_version(datagram, len);

	cursor_skip(&c, 1);
	if (version == 0 && len > 0 && datagram[0] & LONG_HEADER)
		version = cursor_u32(&c);
	if (version == 0)
		return DECODE_MALFORMED;
	if (!state->keyed)
		state->version = version;
	return DECODE_UNSUPPORTED;
}

enum decode_verdict quic_read(struct quic_keys *keys, struct quic_opening *state,
			      const uint8_t *datagram, size_t len, struct tls_hello *out)
{
	enum decode_verdict verdict = DECODE_MALFORMED;
	bool opened = false;
	size_t at = 0;

	(void)!tls_parse_message(datagram, 0, 'q', out); /* clears it */
	for (int initials = 0; initials < QUIC_INITIALS_MAX && at < len;) {
		struct long_header h;

		if (!(datagram[at] & LONG_HEADER)) /* padding, or a packet that takes the rest */
			break;
		verdict = read_long_header(datagram + at, len - at, &h);
		if (verdict != DECODE_OK)
			break;
		if (h.type == TYPE_INITIAL) {
			initials++;
			opened |= open_initial(keys, state, datagram + at, &h);
		}
		at += h.len;
	}
	if (at == 0 && verdict != DECODE_TRUNCATED)
		return refuse(state, datagram, len);
	if (!opened && !state->keyed)
		return verdict == DECODE_TRUNCATED ? verdict : DECODE_MALFORMED;
	return read_hello(&state->hello, out);
}
