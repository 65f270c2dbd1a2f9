/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of finding has something to be done about it, and something that would explain it. */
#include "unit/unit.h"

#include "detect/detectors.h"
#include "report/advice.h"

static void every_kind_has_both_sentences(void **state)
{
	(void)state;
	for (int kind = 0; kind < FINDING_KINDS; kind++) {
		struct finding f = {.kind = (enum finding_kind)kind};
		const char *next = next_step(&f), *unless = mind_changer(&f);

		assert_true(strlen(next) > 40 && strlen(unless) > 20);
		assert_int_not_equal(next[strlen(next) - 1], '.');
		for (int other = 0; other < kind; other++) {
			struct finding g = {.kind = (enum finding_kind)other};

			assert_string_not_equal(next, next_step(&g));
			assert_string_not_equal(unless, mind_changer(&g));
		}
	}
}

static void every_detector_agrees_with_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; detectors[i]; i++) {
		for (int kind = 0; kind < FINDING_KINDS; kind++) {
			struct evidence e = {.name = detectors[i]->name, .weight_db = 5};
			struct finding f = {.kind = (enum finding_kind)kind,
					    .evidence = &e,
					    .evidence_count = 1};

			assert_non_null(next_step(&f));
		}
	}
}

/* Evidence that speaks for it chooses the words; evidence against does not. */
static void the_evidence_chooses(void **state)
{
	struct evidence e = {.name = "icmp-tunnel", .weight_db = 30};
	struct finding f = {.kind = FINDING_TUNNEL, .evidence = &e, .evidence_count = 1};

	(void)state;
	assert_non_null(strstr(next_step(&f), "echoes"));
	e.weight_db = -3;
	assert_null(strstr(next_step(&f), "echoes"));
	e = (struct evidence){.name = "dns-tunnel", .weight_db = 30};
	assert_non_null(strstr(next_step(&f), "resolver"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_both_sentences),
		cmocka_unit_test(every_detector_agrees_with_every_kind),
		cmocka_unit_test(the_evidence_chooses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
