/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "base/cursor.h"

#include <sys/mman.h>
#include <unistd.h>

/* `len` bytes that end exactly where an unreadable page begins. */
static uint8_t *at_the_edge(const void *bytes, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *map =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(map != MAP_FAILED && len <= page);
	CHECK(mprotect(map + page, page, PROT_NONE) == 0);
	return memcpy(map + page - len, bytes, len);
}

static void reads_network_byte_order(void **state)
{
	struct cursor c =
		cursor_over("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 15);

	(void)state;
	assert_int_equal(cursor_u8(&c), 0x01);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_true(cursor_u64(&c) == 0x08090a0b0c0d0e0fu);
	assert_true(cursor_ok(&c));
	assert_int_equal(cursor_left(&c), 0);
}

static void a_read_past_the_end_yields_zero_and_fails(void **state)
{
	struct cursor c = cursor_over(at_the_edge("\xff\xff\xff", 3), 3);

	(void)state;
	assert_true(cursor_u32(&c) == 0xffff0000u); /* the half that fits, then nothing */
	assert_false(cursor_ok(&c));
}

static void failure_is_sticky(void **state)
{
	struct cursor c = cursor_over(at_the_edge("\xff", 1), 1);

	(void)state;
	assert_int_equal(cursor_u16(&c), 0);
	assert_int_equal(cursor_u8(&c), 0); /* the byte is there, but is no longer trusted */
	assert_int_equal(cursor_left(&c), 0);
}

static void huge_lengths_do_not_wrap(void **state)
{
	struct cursor c = cursor_over(at_the_edge("ab", 2), 2);

	(void)state;
	assert_null(cursor_take(&c, SIZE_MAX));
	assert_false(cursor_ok(&c));
}

static void a_part_ends_where_it_was_cut(void **state)
{
	struct cursor c = cursor_over(at_the_edge("abcd", 4), 4), part = cursor_part(&c, 3), none;

	(void)state;
	assert_int_equal(cursor_left(&part), 3);
	cursor_skip(&part, 3);
	assert_int_equal(cursor_u8(&part), 0);
	assert_false(cursor_ok(&part));
	assert_int_equal(cursor_u8(&c), 'd');
	none = cursor_part(&c, 1);
	assert_false(cursor_ok(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_network_byte_order),
		cmocka_unit_test(a_read_past_the_end_yields_zero_and_fails),
		cmocka_unit_test(failure_is_sticky),
		cmocka_unit_test(huge_lengths_do_not_wrap),
		cmocka_unit_test(a_part_ends_where_it_was_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
