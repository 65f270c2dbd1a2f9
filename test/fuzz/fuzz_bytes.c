/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed bytes, whatever is in them: what comes out must not depend on how
 * they are cut into pieces, and the end must come.
 */
#include "fuzz_input.h"

enum { UNPACKED_MAX = 4 << 20 };

static const char *const magics[] = {"", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\xfd\x37zXZ",
				     "\x04\x22\x4d\x18"};

/* A sum over what comes out; at most UNPACKED_MAX of it, for the fuzzer's patience. */
static uint64_t drain(const struct maker *m, size_t at_most, size_t want, uint64_t *out_len,
		      int *out_error)
{
	struct recorder r = {0};
	struct bytes *source;

	*out_len = 0;
	CHECK(!bytes_over(m->bytes, m->len, "fuzz", &source));
	bytes_read_at_most(source, at_most);
	while (*out_len < UNPACKED_MAX && (bytes_want(source, want) || bytes_ready(source))) {
		size_t n = bytes_ready(source);

		if (n > UNPACKED_MAX - *out_len)
			n = (size_t)(UNPACKED_MAX - *out_len);
		CHECK(bytes_offset(source) == *out_len);
		add_sum(&r, source->pos, n);
		source->pos += n;
		*out_len += n;
	}
	*out_error = *out_len < UNPACKED_MAX ? bytes_error(source, NULL) : 0;
	bytes_close(source);
	return r.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct maker m = {0};
	uint64_t sum, again, sum_len, again_len;
	int error, again_error;

	if (!len)
		return 0;
	put_text(&m, magics[bytes[0] % ARRAY_LEN(magics)]);
	put(&m, bytes + 1, len - 1);
	sum = drain(&m, SIZE_MAX, 1, &sum_len, &error);
	again = drain(&m, 1 + len % 17, 1 + bytes[0], &again_len, &again_error);
	/* How much of broken data is unpacked before the break shows is up to the library. */
	CHECK(error == again_error);
	CHECK(error == -EBADMSG || (sum_len == again_len && sum == again));
	maker_fini(&m);
	return 0;
}
