/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 802.11 data frames that are in the clear.  Integers are little-endian here.
 */
#include "net/peel.h"

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

/* Frame control: version (2 bits), type (2), subtype (4), then flags. */
enum {
	TYPE_MASK = 0x0c,
	TYPE_DATA = 0x08,
	SUBTYPE_EMPTY = 0x40,
	SUBTYPE_QOS = 0x80,
	FLAG_TO_AP = 0x01,
	FLAG_FROM_AP = 0x02,
	FLAG_MORE_FRAGMENTS = 0x04,
	FLAG_PROTECTED = 0x40,
	FLAG_ORDER = 0x80,
};

/* Bytes of the header before LLC. */
static uint32_t header_len(const uint8_t *header)
{
	uint32_t len = 24;

	if ((header[1] & FLAG_TO_AP) && (header[1] & FLAG_FROM_AP))
		len += 6; /* a fourth address */
	if (header[0] & SUBTYPE_QOS)
		len += header[1] & FLAG_ORDER ? 6 : 2;
	return len;
}

/*
 *	| control | duration | three addresses | sequence, fragment | fourth | QoS | HT |
 *	|    2    |     2    |        18       |         2          |  0, 6  | 0, 2| 0,4|
 *
 * `padded`: some drivers fill the header up to a multiple of four.
 */
static enum decode_verdict peel_data(struct peel *p, bool padded)
{
	enum { AGGREGATE = 0x80 };
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = peel_header(p, 2);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	if ((header[0] & TYPE_MASK) != TYPE_DATA || header[0] & SUBTYPE_EMPTY)
		return DECODE_NOT_IP;
	len = header_len(header);
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	if (header[1] & (FLAG_PROTECTED | FLAG_MORE_FRAGMENTS) || header[22] & 0x0f)
		return DECODE_UNSUPPORTED;
	if (header[0] & SUBTYPE_QOS && header[len - (header[1] & FLAG_ORDER ? 6 : 2)] & AGGREGATE)
		return DECODE_UNSUPPORTED;
	if (padded)
		len = (len + 3) & ~3u;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, len);
	return peel_llc(p);
}

enum decode_verdict peel_wifi(struct peel *p)
{
	return peel_data(p, false);
}

/*
 * Radiotap's words of "present" bits go on while bit 31 is set; then come the
 * fields that they announce.  Only the second, "flags", is for us: it tells
 * whether the header behind is padded.  The first, a time, is 8 bytes long and so
 * aligned.  False if that cannot be told: nobody pads but who says so.
 */
static bool says_padded(const uint8_t *header, uint32_t len)
{
	enum { PRESENT_TIME = 1, PRESENT_FLAGS = 2, FLAG_PADDED = 0x20 };
	uint32_t at = 4;

	if (len < 8 || !(header[4] & PRESENT_FLAGS))
		return false;
	do
		at += 4;
	while (at + 4 <= len && header[at - 1] & 0x80);
	if (header[4] & PRESENT_TIME)
		at = ((at + 7) & ~7u) + 8;
	return at < len && header[at] & FLAG_PADDED;
}

/*
 *	| version 0 | 0 | length | present | fields ... | 802.11
 *	|     1     | 1 |    2   |    4    |            |
 */
enum decode_verdict peel_radiotap(struct peel *p)
{
	const uint8_t *header = p->rest.bytes;
	enum decode_verdict v = rest_has(&p->rest, 8);
	uint32_t len;

	if (v != DECODE_OK)
		return v;
	len = le16(header + 2);
	if (header[0] != 0 || len < 8)
		return DECODE_MALFORMED;
	v = rest_has(&p->rest, len);
	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, len);
	return peel_data(p, says_padded(header, len));
}
