/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump_calls - print every call of every group by address, so that another
 * program can judge the same timelines by other rules.
 *
 *	dump_calls HOME[,HOME...] FILE...
 *	host destination port proto start_ms duration_ms out in
 */
#include "lane/lanes.h"

#include <stdio.h>
#include <string.h>

static void dump(const struct timeline_table *table)
{
	for (size_t n = 0; n < timeline_count(table); n++) {
		const struct timeline *t = timeline_get(table, n);
		char host[ADDRESS_TEXT_SIZE], destination[ADDRESS_TEXT_SIZE];
		struct call *calls;

		if (!t || t->key.grouping != GROUP_ADDRESS)
			continue;
		calls = calloc(t->kept + 1, sizeof(*calls));
		CHECK(calls);
		timeline_calls(table, t, calls);
		address_text(&t->key.host, host);
		address_text(&t->key.destination, destination);
		for (uint32_t i = 0; i < t->kept; i++)
			printf("%s %s %u %u %lld %u %u %u\n", host, destination, t->key.port,
			       t->key.proto, (long long)calls[i].start_ms, calls[i].duration_ms,
			       calls[i].out, calls[i].in);
		free(calls);
	}
}

int main(int argc, char **argv)
{
	struct home home = {0};
	struct input_plan plan;
	struct lanes *lanes;
	struct input_sink sink;

	if (argc < 3)
		return 2;
	for (char *net = strtok(argv[1], ","); net; net = strtok(NULL, ","))
		CHECK(home_add(&home, net) == 0);
	lanes = lanes_new(&home, (size_t)1 << 30, 1);
	CHECK(lanes);
	sink = lanes_sink(lanes);
	CHECK(input_plan((const char *const *)argv + 2, (size_t)argc - 2, &plan) == 0);
	for (size_t i = 0; i < plan.count; i++) {
		struct complaint why;

		if (input_read(&plan.files[i], &sink, &why))
			fprintf(stderr, "%s\n", why.text);
	}
	lanes_flush(lanes);
	for (size_t i = 0; i < LANES; i++)
		dump(lane_timelines(lanes_get(lanes, i)));
	input_plan_fini(&plan);
	lanes_free(lanes);
	return 0;
}
