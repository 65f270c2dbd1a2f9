/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who says that he has come up: frames made by hand from RFC 826, 2131, 4861 and
 * 5227, and everything that is nearly one.
 */
#include "unit/unit.h"

#include "net/arrival.h"

#define HARDWARE 2, 0, 0, 0, 0, 1
#define NOBODY	 0, 0, 0, 0, 0, 0

static bool by_frame(const uint8_t *bytes, uint32_t len, struct address *out)
{
	return arrival_by_frame(
		&(struct frame){
			.bytes = bytes, .captured = len, .length = len, .link = LINK_ETHERNET},
		out);
}

/* Broadcast, type ARP, Ethernet and IPv4, then operation, sender and target. */
#define ARP(operation, s, t)                                                                       \
	{                                                                                          \
		255, 255, 255, 255, 255, 255, HARDWARE, 8, 6, 0, 1, 8, 0, 6, 4, 0, operation,      \
			HARDWARE, 10, 0, 0, s, NOBODY, 10, 0, 0, t                                 \
	}

static void arp_that_speaks_of_its_sender(void **state)
{
	static const uint8_t announcement[] = ARP(1, 7, 7), reply[] = ARP(2, 7, 7);
	static const uint8_t question[] = ARP(1, 7, 8), answer[] = ARP(2, 7, 8);
	static const uint8_t odd[] = ARP(3, 7, 7);
	const struct address host = address_v4((uint8_t[]){10, 0, 0, 7});
	uint8_t frame[sizeof(announcement) + 8];
	struct address a = {0};

	(void)state;
	assert_true(by_frame(announcement, sizeof(announcement), &a));
	assert_true(address_equal(&a, &host));
	assert_true(by_frame(reply, sizeof(reply), &a));
	assert_false(by_frame(question, sizeof(question), &a));
	assert_false(by_frame(answer, sizeof(answer), &a));
	assert_false(by_frame(odd, sizeof(odd), &a));
	/* A probe: nobody yet, who asks for 10.0.0.7. */
	memcpy(frame, announcement, sizeof(announcement));
	memset(frame + 28, 0, 4);
	a = (struct address){0};
	assert_true(by_frame(frame, sizeof(announcement), &a));
	assert_true(address_equal(&a, &host));
	frame[21] = 2; /* probes ask */
	assert_false(by_frame(frame, sizeof(announcement), &a));
	/* Behind two tags; three are too many. */
	memcpy(frame, announcement, 12);
	memcpy(frame + 12, (uint8_t[]){0x88, 0xa8, 0, 1, 0x81, 0, 0, 2}, 8);
	memcpy(frame + 20, announcement + 12, sizeof(announcement) - 12);
	assert_true(by_frame(frame, sizeof(frame), &a));
	/* Cut anywhere it says nothing, and nothing beyond is read. */
	for (uint32_t len = 0; len < sizeof(announcement); len++) {
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, announcement, len);
		assert_false(by_frame(cut, len, &a));
		free(cut);
	}
}

enum { DHCP_LEN = 252 };

/* An acknowledgement of 10.0.0.7 to a client without an address, its type behind a long option. */
static struct packet dhcp(uint8_t bytes[DHCP_LEN])
{
	static const uint8_t head[] = {2, 1, 6, 0}, yiaddr[] = {10, 0, 0, 7};
	static const uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 0, 1, 4,  255,
					  255,	255,  0,    53,	  1, 5, 255};
	struct packet p = {.payload = bytes,
			   .payload_bytes = DHCP_LEN,
			   .payload_captured = DHCP_LEN,
			   .tuple = {.proto = 17, .src_port = 67, .dst_port = 68}};

	memset(bytes, 0, DHCP_LEN);
	memcpy(bytes, head, sizeof(head));
	memcpy(bytes + 16, yiaddr, sizeof(yiaddr));
	memcpy(bytes + 236, options, sizeof(options));
	return p;
}

static void an_acknowledged_address_is_an_arrival_and_a_renewal_is_not(void **state)
{
	const struct address host = address_v4((uint8_t[]){10, 0, 0, 7});
	uint8_t bytes[DHCP_LEN];
	struct packet p = dhcp(bytes);
	struct address a = {0};

	(void)state;
	assert_true(arrival_by_packet(&p, &a));
	assert_true(address_equal(&a, &host));
	p.tuple.src_port = 68; /* a client says so */
	assert_false(arrival_by_packet(&p, &a));
	p = dhcp(bytes);
	bytes[12] = 10; /* ciaddr: it has one already */
	assert_false(arrival_by_packet(&p, &a));
	p = dhcp(bytes);
	bytes[249] = 2; /* an offer */
	assert_false(arrival_by_packet(&p, &a));
	p = dhcp(bytes);
	bytes[0] = 1; /* a request */
	assert_false(arrival_by_packet(&p, &a));
	for (uint32_t len = 0; len < 250; len++) {
		p = dhcp(bytes);
		p.payload_captured = len;
		assert_false(arrival_by_packet(&p, &a));
	}
}

static void a_solicitation_from_nobody_is_an_arrival(void **state)
{
	const uint8_t target[20] = {0x20, 1, 0xd, 0xb8, [15] = 7};
	const struct address host = address_v6(target), nobody = address_v6((uint8_t[16]){0});
	struct packet p = {.payload = target,
			   .payload_captured = sizeof(target),
			   .tuple = {.src = nobody, .proto = 58, .src_port = 135}};
	struct address a = {0};

	(void)state;
	assert_true(arrival_by_packet(&p, &a));
	assert_true(address_equal(&a, &host));
	p.payload_captured = 15;
	assert_false(arrival_by_packet(&p, &a));
	p.payload_captured = 16;
	p.tuple.src = host; /* somebody looks for a neighbour */
	assert_false(arrival_by_packet(&p, &a));
	p.tuple.src = nobody;
	p.tuple.src_port = 136;
	assert_false(arrival_by_packet(&p, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arp_that_speaks_of_its_sender),
		cmocka_unit_test(an_acknowledged_address_is_an_arrival_and_a_renewal_is_not),
		cmocka_unit_test(a_solicitation_from_nobody_is_an_arrival),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
