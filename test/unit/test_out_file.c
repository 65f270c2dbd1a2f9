/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "simulate/out_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char directory[64];

static int make_directory(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/test_out_file.XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static const char *in_directory(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

/* The same text, 10 MB of it, plain and packed. */
static void write_much(struct out_file *f)
{
	for (int i = 0; i < 1000000; i++) {
		out_number(f, 1000000 + (uint64_t)i);
		out_text(f, "ab");
		out_char(f, '\n');
	}
}

static void expect_much(gzFile in) /* zlib reads plain files too */
{
	char line[32], want[32];

	assert_non_null(in);
	for (int i = 0; i < 1000000; i++) {
		snprintf(want, sizeof(want), "%dab\n", 1000000 + i);
		assert_non_null(gzgets(in, line, sizeof(line)));
		assert_string_equal(line, want);
	}
	assert_null(gzgets(in, line, sizeof(line)));
	gzclose(in);
}

static void what_goes_in_comes_out(void **state)
{
	struct out_file *f;

	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		struct out_options options = {.gzip = packed};
		const char *path = in_directory(packed ? "much.gz" : "much");

		assert_int_equal(out_file_open(in_directory("much"), &options, &f, NULL), 0);
		write_much(f);
		assert_int_equal(out_file_bytes(f), 10000000);
		assert_int_equal(out_file_close(f, NULL), 0);
		expect_much(gzopen(in_directory(packed ? "much.gz" : "much"), "rb"));
		unlink(path);
	}
}

static void numbers_to_their_limits(void **state)
{
	static const uint64_t numbers[] = {0, 9, 10, 99, 100, UINT32_MAX, UINT64_MAX};
	struct out_options options = {0};
	struct out_file *f;
	char line[64], want[64];
	FILE *in;

	(void)state;
	assert_int_equal(out_file_open(in_directory("n"), &options, &f, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		out_number(f, numbers[i]);
		out_char(f, '\n');
	}
	assert_int_equal(out_file_close(f, NULL), 0);
	in = fopen(in_directory("n"), "r");
	assert_non_null(in);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		snprintf(want, sizeof(want), "%llu\n", (unsigned long long)numbers[i]);
		assert_non_null(fgets(line, sizeof(line), in));
		assert_string_equal(line, want);
	}
	fclose(in);
	unlink(in_directory("n"));
}

static void a_file_that_is_there_is_left_alone(void **state)
{
	struct out_options options = {0};
	struct complaint why;
	struct out_file *f;

	(void)state;
	assert_int_equal(out_file_open(in_directory("here"), &options, &f, NULL), 0);
	out_text(f, "mine");
	assert_int_equal(out_file_close(f, NULL), 0);
	assert_int_equal(out_file_open(in_directory("here"), &options, &f, &why), -EEXIST);
	assert_non_null(strstr(why.text, "here: File exists"));
	options.force = true;
	assert_int_equal(out_file_open(in_directory("here"), &options, &f, &why), 0);
	assert_int_equal(out_file_close(f, NULL), 0);
	unlink(in_directory("here"));
}

static void a_full_disk_is_noticed_early_and_said_once(void **state)
{
	struct complaint why;
	struct out_file *f;

	(void)state;
	if (access("/dev/full", W_OK)) {
		puts("skipped: there is no /dev/full");
		skip();
	}
	for (int much = 0; much < 2; much++) {
		struct out_options options = {.force = true};

		assert_int_equal(out_file_open("/dev/full", &options, &f, &why), 0);
		if (much)
			write_much(f);
		else
			out_text(f, "little");
		assert_int_equal(out_file_error(f), much ? -ENOSPC : 0);
		assert_int_equal(out_file_close(f, &why), -ENOSPC);
		assert_string_equal(why.text, "/dev/full: No space left on device; "
					      "the file is incomplete");
	}
}

static void directories_are_made_with_those_above(void **state)
{
	struct complaint why;
	struct stat st;

	(void)state;
	assert_int_equal(out_directory(in_directory("a/b/c"), NULL), 0);
	assert_int_equal(out_directory(in_directory("a/b/c/"), NULL), 0);
	assert_int_equal(stat(in_directory("a/b/c"), &st), 0);
	assert_int_equal(out_directory("/dev/null/x", &why), -ENOTDIR);
	assert_non_null(strstr(why.text, "/dev/null: Not a directory"));
	assert_true(out_directory("", &why) < 0);
	rmdir(in_directory("a/b/c"));
	rmdir(in_directory("a/b"));
	rmdir(in_directory("a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(numbers_to_their_limits),
		cmocka_unit_test(a_file_that_is_there_is_left_alone),
		cmocka_unit_test(a_full_disk_is_noticed_early_and_said_once),
		cmocka_unit_test(directories_are_made_with_those_above),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
