/* SPDX-License-Identifier: Apache-2.0 */
#include "net/arrival.h"

#include "base/cursor.h"

enum { TYPE_ARP = 0x0806, TYPE_IPV4 = 0x0800, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8 };

static bool is_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

static bool read_arp(struct cursor *c, struct address *out)
{
	enum { REQUEST = 1, REPLY = 2 };
	uint16_t hardware = cursor_u16(c), protocol = cursor_u16(c), lengths = cursor_u16(c);
	uint16_t operation = cursor_u16(c);
	const uint8_t *sender, *target;

	cursor_take(c, 6);
	sender = cursor_take(c, 4);
	cursor_take(c, 6);
	target = cursor_take(c, 4);
	if (!cursor_ok(c) || hardware != 1 || protocol != TYPE_IPV4 || lengths != 0x0604)
		return false;
	if (is_zero(target, 4) || (operation != REQUEST && operation != REPLY))
		return false;
	if (memcmp(sender, target, 4) && (operation != REQUEST || !is_zero(sender, 4)))
		return false;
	*out = address_v4(target);
	return true;
}

bool arrival_by_frame(const struct frame *frame, struct address *out)
{
	struct cursor c = cursor_over(frame->bytes, frame->captured);
	uint16_t type;

	if (frame->link != LINK_ETHERNET)
		return false;
	cursor_take(&c, 12);
	type = cursor_u16(&c);
	for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_QINQ); tags++) {
		cursor_take(&c, 2);
		type = cursor_u16(&c);
	}
	return type == TYPE_ARP && read_arp(&c, out);
}

/*
 *	| op 2 | htype 1 | hlen 6 | .. | xid, secs, flags | ciaddr | yiaddr | ... | cookie | options
 *	    0                                   4             12       16           236      240
 */
bool arrival_in_dhcp(const struct packet *p, struct address *out)
{
	enum { REPLY = 2, CIADDR = 12, YIADDR = 16, COOKIE = 236, OPTIONS = 240 };
	enum { PAD = 0, END = 255, MESSAGE_TYPE = 53, ACK = 5, OPTIONS_READ = 64 };
	static const uint8_t cookie[] = {0x63, 0x82, 0x53, 0x63};
	struct cursor c = cursor_over(p->payload, p->payload_captured);
	const uint8_t *fixed = cursor_take(&c, OPTIONS);

	if (!fixed || fixed[0] != REPLY || memcmp(fixed + COOKIE, cookie, sizeof(cookie)) ||
	    !is_zero(fixed + CIADDR, 4) || is_zero(fixed + YIADDR, 4))
		return false;
	for (int i = 0; i < OPTIONS_READ && cursor_left(&c); i++) {
		uint8_t code = cursor_u8(&c), len;
		const uint8_t *value;

		if (code == PAD)
			continue;
		if (code == END)
			return false;
		len = cursor_u8(&c);
		value = cursor_take(&c, len);
		if (!value || code != MESSAGE_TYPE)
			continue;
		if (len != 1 || value[0] != ACK)
			return false;
		*out = address_v4(fixed + YIADDR);
		return true;
	}
	return false;
}

/* The payload begins behind the first eight bytes, with the target. */
bool arrival_in_solicitation(const struct packet *p, struct address *out)
{
	if (p->payload_captured < 16 || !is_zero(p->tuple.src.bytes, 16) || is_zero(p->payload, 16))
		return false;
	*out = address_v6(p->payload);
	return true;
}
