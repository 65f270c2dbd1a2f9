/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peel.h"

enum { LABELS_MAX = 16 };

/*
 * A pseudowire (RFC 4448): a whole Ethernet frame, perhaps behind a control word
 * (RFC 4385) whose first half byte is 0.
 *
 *	| 0, flags, FRG, length | sequence |
 *	|           2           |     2    |
 */
static enum decode_verdict peel_control_word(struct peel *p)
{
	enum decode_verdict v = peel_header(p, 4);

	if (v != DECODE_OK)
		return v;
	rest_skip(&p->rest, 4);
	return peel_ethernet(p);
}

/* Is what starts like IP as long as IP says? */
static bool has_length_of_ip(const struct rest *rest)
{
	const uint8_t *header = rest->bytes;
	uint32_t total;

	if (rest->captured < 6)
		return false;
	if (header[0] >> 4 == 6)
		return 40u + be16(header + 4) <= rest->length;
	total = be16(header + 2);
	return total >= 20 && total <= rest->length;
}

/*
 * Nothing says what is behind the last label (RFC 3032): the first half byte is
 * that of IPv4, IPv6, a control word (0) or an associated channel (1, RFC 4385),
 * or else of a station's address, where it may look like any of these.
 */
static enum decode_verdict peel_below_labels(struct peel *p)
{
	enum decode_verdict v = rest_has(&p->rest, 1);
	uint8_t first;

	if (v != DECODE_OK)
		return v;
	first = p->rest.bytes[0] >> 4;
	if ((first == 4 || first == 6) && has_length_of_ip(&p->rest))
		return peel_ip(p);
	/* where the capture ends too early for one guess, another must not speak instead */
	if (first == 0 && (peel_try(p, peel_control_word, &v) || v == DECODE_TRUNCATED))
		return v;
	if (peel_try(p, peel_ethernet, &v) || v == DECODE_TRUNCATED)
		return v;
	if (first == 4 || first == 6)
		return peel_ip(p);
	return v == DECODE_MALFORMED ? DECODE_NOT_IP : v; /* labels carry all sorts of things */
}

/*
 * Labels down to the one with the S bit:
 *
 *	| label (20 bits), traffic class (3), S (1), TTL (8) |
 */
enum decode_verdict peel_mpls(struct peel *p)
{
	bool bottom = false;

	for (int depth = 0; !bottom; depth++) {
		enum decode_verdict v = peel_header(p, 4);

		if (v != DECODE_OK)
			return v;
		if (depth == LABELS_MAX)
			return peel_too_deep(p);
		bottom = p->rest.bytes[2] & 1;
		rest_skip(&p->rest, 4);
	}
	return peel_below_labels(p);
}
