/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "packers.h"
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char conn_columns[] = "#path\tconn\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\n";
static const char conn_values[] = "\t10.0.0.1\t1.1.1.1\t53\n";

/* A directory of our own, which is also where we are while a test runs. */
struct place {
	char path[64];
	int back;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	CHECK(p);
	strcpy(p->path, "build/test_plan.XXXXXX");
	p->back = open(".", O_RDONLY | O_DIRECTORY);
	assert_true(p->back >= 0);
	assert_non_null(mkdtemp(p->path));
	assert_int_equal(chdir(p->path), 0);
	*state = p;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *p = *state;

	assert_int_equal(fchdir(p->back), 0);
	close(p->back);
	assert_int_equal(nftw(p->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(p);
	return 0;
}

static void save(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void save_text(const char *path, const char *text)
{
	save(path, text, strlen(text));
}

/* A log of this kind whose first row is at `ts`, packed if `packer` says so. */
static void save_log(const char *path, const char *kind, const char *ts,
		     const struct packer *packer)
{
	char text[512];
	uint8_t packed[2048];

	snprintf(text, sizeof(text),
		 "#path\t%s\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\t"
		 "query\n%s\tC1\t10.0.0.1\t1.1.1.1\t53\texample.org\n",
		 kind, ts);
	if (packer)
		save(path, packed,
		     packer->pack((const uint8_t *)text, strlen(text), packed, sizeof(packed)));
	else
		save_text(path, text);
}

static void save_capture(const char *path, uint32_t when)
{
	struct maker m = {0};

	put32(&m, 0xa1b2c3d4);
	put16(&m, 2);
	put16(&m, 4);
	put64(&m, 0);
	put32(&m, 65535);
	put32(&m, LINK_ETHERNET);
	if (when) {
		put32(&m, when);
		put32(&m, 0);
		put32(&m, 4);
		put32(&m, 4);
		put_text(&m, "abcd");
	}
	save(path, m.bytes, m.len);
	maker_fini(&m);
}

static struct input_plan plan_of(const char *const *paths)
{
	struct input_plan plan;
	size_t n = 0;

	while (paths[n])
		n++;
	assert_int_equal(input_plan(paths, n, &plan), 0);
	return plan;
}

#define PLAN(...) plan_of((const char *const[]){__VA_ARGS__, NULL})

static void assert_files(const struct input_plan *plan, const char *const *expected)
{
	size_t n = 0;

	for (; expected[n]; n++) {
		if (n >= plan->count || strcmp(plan->files[n].path, expected[n]))
			fail_msg("file %zu: %s, not %s", n,
				 n < plan->count ? plan->files[n].path : "none", expected[n]);
	}
	assert_int_equal(plan->count, n);
}

#define FILES(plan, ...) assert_files(plan, (const char *const[]){__VA_ARGS__, NULL})

static void names_come_first_then_time(void **state)
{
	struct input_plan plan;

	(void)state;
	mkdir("d", 0700);
	mkdir("d/e", 0700);
	mkdir("d/e/f", 0700);
	/* Names tell nothing, and mislead on purpose. */
	save_log("d/1.pcap", "conn", "200", NULL);
	save_log("d/e/2.gz", "conn", "100", &packers[1]);
	save_log("d/e/f/3", "dns", "900", &packers[0]);
	save_log("d/4.dns", "ssl", "300", &packers[2]);
	save_log("d/5", "http", "250", &packers[3]);
	save_capture("d/6.log", 50);
	save_capture("d/e/7", 40);
	plan = PLAN("d");
	FILES(&plan, "d/e/f/3", "d/5", "d/4.dns", "d/e/2.gz", "d/1.pcap", "d/e/7", "d/6.log");
	assert_int_equal(plan.complaint_count, 0);
	assert_int_equal(plan.skipped, 0);
	assert_int_equal(plan.files[0].format, INPUT_ZEEK_DNS);
	assert_int_equal(plan.files[0].first, 900 * NS_PER_SEC);
	assert_false(plan.files[0].named);
	assert_int_equal(plan.files[1].format, INPUT_ZEEK_HTTP);
	assert_int_equal(plan.files[5].format, INPUT_PCAP);
	assert_int_equal(plan.files[5].first, 40 * NS_PER_SEC);
	assert_int_equal(plan.files[5].size, 44);
	input_plan_fini(&plan);
}

static void what_is_none_of_ours(void **state)
{
	struct input_plan plan;

	(void)state;
	mkdir("d", 0700);
	save_capture("d/good", 1);
	save_text("d/notes.txt", "nothing here\n");
	save_text("d/empty", "");
	save_log("d/x509.log", "x509", "1", NULL);
	assert_int_equal(mkfifo("d/fifo", 0600), 0); /* would wait for ever if opened */
	plan = PLAN("d");
	FILES(&plan, "d/good");
	assert_int_equal(plan.skipped, 4);
	assert_int_equal(plan.complaint_count, 0);
	input_plan_fini(&plan);

	plan = PLAN("d/good", "d/notes.txt", "d/empty", "d/x509.log", "gone");
	FILES(&plan, "d/good");
	assert_true(plan.files[0].named);
	assert_int_equal(plan.skipped, 1);
	assert_int_equal(plan.complaint_count, 3);
	assert_string_equal(plan.complaints[0].complaint.text,
			    "d/notes.txt: neither a capture nor a Zeek log (it starts \"nothing "
			    "here\")");
	assert_string_equal(plan.complaints[1].complaint.text, "d/empty: empty");
	assert_string_equal(plan.complaints[2].complaint.text,
			    "gone: cannot open: No such file or directory");
	input_plan_fini(&plan);
}

static void patterns_that_the_shell_left_alone(void **state)
{
	struct input_plan plan;

	(void)state;
	save_capture("a1.pcap", 2);
	save_capture("a2.pcap", 1);
	save_capture("b[1].pcap", 3); /* exists under this very name */
	plan = PLAN("a?.pcap", "b[1].pcap", "c*");
	FILES(&plan, "a2.pcap", "a1.pcap", "b[1].pcap");
	assert_true(plan.files[0].named);
	assert_int_equal(plan.complaint_count, 1);
	assert_non_null(strstr(plan.complaints[0].complaint.text, "c*: no file matches"));
	input_plan_fini(&plan);
}

static void a_file_reached_twice_is_read_once(void **state)
{
	struct input_plan plan;

	(void)state;
	mkdir("d", 0700);
	save_capture("d/a", 1);
	assert_int_equal(link("d/a", "d/b"), 0);
	assert_int_equal(symlink("a", "d/c"), 0);
	assert_int_equal(symlink("../d", "d/loop"), 0);
	assert_int_equal(symlink("gone", "d/dangling"), 0);
	plan = PLAN("d", "./d/a", "d/b", "d");
	assert_int_equal(plan.count, 1);
	assert_true(plan.files[0].named);
	input_plan_fini(&plan);
	/* A directory named through a link is walked; links inside are not. */
	assert_int_equal(symlink("d", "link"), 0);
	plan = PLAN("link");
	assert_int_equal(plan.count, 1);
	input_plan_fini(&plan);
}

static void standard_input_and_pipes_come_last_unseen(void **state)
{
	struct input_plan plan;

	(void)state;
	save_capture("a", 1);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	plan = PLAN("-", "fifo", "a");
	FILES(&plan, "a", "-", "fifo");
	assert_int_equal(plan.files[1].format, INPUT_UNKNOWN);
	assert_int_equal(plan.files[2].format, INPUT_UNKNOWN);
	input_plan_fini(&plan);
}

static void unreadable_things_are_complained_of(void **state)
{
	struct input_plan plan;

	(void)state;
	if (geteuid() == 0) {
		printf("skipped: root can read everything\n");
		skip();
	}
	mkdir("d", 0700);
	mkdir("d/closed", 0);
	save_capture("d/a", 1);
	chmod("d/a", 0);
	plan = PLAN("d");
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.complaint_count, 2);
	input_plan_fini(&plan);
	chmod("d/closed", 0700);
}

/* A broken pack is a complaint even in a directory: there may be evidence in it. */
static void a_broken_pack_is_complained_of(void **state)
{
	struct input_plan plan;

	(void)state;
	mkdir("d", 0700);
	save("d/a.gz", "\x1f\x8b\x08\0\0\0\0\0\0\3rubbish and more of it", 32);
	plan = PLAN("d");
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.complaint_count, 1);
	assert_non_null(
		strstr(plan.complaints[0].complaint.text, "d/a.gz: cannot unpack the gzip data"));
	input_plan_fini(&plan);
}

/* Half of them written in an order that has nothing to do with time. */
static void many_rotated_logs(void **state)
{
	struct input_plan plan;
	char path[32], ts[16];

	(void)state;
	mkdir("d", 0700);
	for (int i = 0; i < 200; i++) {
		int at = i * 77 % 200;

		snprintf(path, sizeof(path), "d/%d", i);
		snprintf(ts, sizeof(ts), "%d", 1000 + at);
		save_log(path, i % 2 ? "conn" : "dns", ts, i % 3 ? &packers[i % 4] : NULL);
	}
	plan = PLAN("d");
	assert_int_equal(plan.count, 200);
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(plan.files[i].format, i < 100 ? INPUT_ZEEK_DNS : INPUT_ZEEK_CONN);
		if (i % 100)
			assert_true(plan.files[i - 1].first < plan.files[i].first);
	}
	input_plan_fini(&plan);
}

/* A log to which rows are added while we look. */
static void a_growing_file_is_read_as_far_as_it_is(void **state)
{
	struct input_plan plan;
	struct recorder r = {0};
	struct input_sink sink = recorder_sink(&r);
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "%s1%s2%s3\t10.0", conn_columns, conn_values, conn_values);
	save_text("log", text);
	plan = PLAN("log");
	assert_int_equal(plan.count, 1);
	snprintf(text, sizeof(text), "%s1%s2%s3%s4\t10", conn_columns, conn_values, conn_values,
		 conn_values);
	save_text("log", text);
	assert_int_equal(input_read(&plan.files[0], &sink, &r.why), -ENODATA);
	assert_string_equal(r.why.text, "log: line 6 is cut short");
	assert_int_equal(r.flows, 3);
	input_plan_fini(&plan);
}

static void a_file_that_vanished_or_shrank_says_so(void **state)
{
	struct input_plan plan;
	struct recorder r = {0};
	struct input_sink sink = recorder_sink(&r);

	(void)state;
	save_capture("a", 1);
	plan = PLAN("a");
	save_text("a", "");
	assert_int_equal(input_read(&plan.files[0], &sink, &r.why), -ENODATA);
	assert_string_equal(r.why.text, "a: empty");
	save_text("a", "something else");
	assert_int_equal(input_read(&plan.files[0], &sink, &r.why), -EBADMSG);
	unlink("a");
	assert_int_equal(input_read(&plan.files[0], &sink, &r.why), -ENOENT);
	input_plan_fini(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_come_first_then_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_none_of_ours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(patterns_that_the_shell_left_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_reached_twice_is_read_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(standard_input_and_pipes_come_last_unseen, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(unreadable_things_are_complained_of, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_broken_pack_is_complained_of, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_rotated_logs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_growing_file_is_read_as_far_as_it_is, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_vanished_or_shrank_says_so, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
