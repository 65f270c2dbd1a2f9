/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published baseline vectors of the Community ID specification.
 */
#include "unit/unit.h"

#include "flow/community_id.h"

#include <netinet/in.h>

static const struct vector {
	const char *src, *dst;
	uint8_t proto;
	uint16_t src_port, dst_port;
	const char *id;
} vectors[] = {
	{"128.232.110.120", "66.35.250.204", IPPROTO_TCP, 34855, 80,
	 "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{"192.168.1.52", "8.8.8.8", IPPROTO_UDP, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{"192.168.0.89", "192.168.0.1", IPPROTO_ICMP, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{"fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", IPPROTO_ICMPV6, 135, 136,
	 "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{"192.168.170.8", "192.168.170.56", IPPROTO_SCTP, 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{"10.1.12.1", "10.1.12.2", 46, 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
};

static struct tuple tuple_of(const struct vector *v)
{
	struct tuple t = {.proto = v->proto, .src_port = v->src_port, .dst_port = v->dst_port};

	assert_int_equal(address_parse(v->src, strlen(v->src), &t.src), 0);
	assert_int_equal(address_parse(v->dst, strlen(v->dst), &t.dst), 0);
	return t;
}

static void agrees_with_the_published_vectors(void **state)
{
	char id[COMMUNITY_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct tuple t = tuple_of(&vectors[i]);

		assert_string_equal(community_id(&t, 0, id), vectors[i].id);
	}
}

static void both_directions_have_one_id(void **state)
{
	char there[COMMUNITY_ID_SIZE], back[COMMUNITY_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct tuple t = tuple_of(&vectors[i]), r = t;
		r.src = t.dst;
		r.dst = t.src;
		r.src_port = t.dst_port;
		r.dst_port = t.src_port;
		assert_string_equal(community_id(&t, 0, there), community_id(&r, 0, back));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_published_vectors),
		cmocka_unit_test(both_directions_have_one_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
