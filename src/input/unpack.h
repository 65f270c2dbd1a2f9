/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h - gzip (RFC 1952), zstd (RFC 8878), xz and lz4 frames as a stream.
 *
 * Recognised by their first bytes.  Several members or frames one after the
 * other are one stream, as `cat a.gz b.gz` makes them.
 *
 * Memory.  The file decides how much history a decoder must keep, so it is
 * limited: at most UNPACK_MEMORY_MAX, which is what `xz -9` needs and more
 * than `zstd -19`.  A file that asks for more (`zstd --long=31`) is refused
 * before anything is allocated.  Most files need less than 10 MiB.
 */
#pragma once

#include "base/base.h"

enum { UNPACK_MEMORY_MAX = 66 * 1024 * 1024, PACKING_MAGIC_SIZE = 6 };

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD, PACKING_XZ, PACKING_LZ4, PACKINGS };
const char *packing_name(enum packing packing);

/* What `head` starts, if `len` is at least PACKING_MAGIC_SIZE (or the whole file). */
enum packing packing_of(const uint8_t *head, size_t len);

struct unpacker; /* opaque */

/* NULL if memory is short. */
struct unpacker *unpacker_new(enum packing packing) MUST_USE;
void unpacker_free(struct unpacker *unpacker); /* NULL is fine */

/* Moved forward over what was taken and what was written. */
struct unpack_io {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	bool last; /* nothing comes after `in` */
};

/*
 * Unpack until `in` is used up or `out` is full.  0; -EBADMSG for broken data,
 * -EFBIG when it asks for too much memory, -ENOMEM; then `*out_problem` says
 * what is wrong in a few words (a constant).
 */
int unpacker_run(struct unpacker *unpacker, struct unpack_io *io,
		 const char **out_problem) MUST_USE;

/* Could the stream end here, between two members, with everything written? */
bool unpacker_may_end(const struct unpacker *unpacker);
