/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - the bytes of a file, unpacked, a window at a time.
 *
 *	descriptor --read()--> [ unpacker ] --> window --> reader
 *	                                        pos..end
 *
 * A reader works on `pos`..`end` in place and moves `pos`; bytes_want() makes
 * the window longer.  What a reader borrows from the window is good until it
 * asks again.  read() into a buffer that stays in the cache costs half of
 * what mapping the file costs, and works on pipes.
 *
 * A whole line or packet must fit: nobody can want more than BYTES_WANT_MAX.
 *
 * Memory: 1.6 MiB, 7.6 MiB more when lent to several threads, and for packed files
 * what unpack.h says.  A source belongs to one thread.
 */
#pragma once

#include "base/complaint.h"

enum { BYTES_WANT_MAX = 512 * 1024, BYTES_BUFFERS_MAX = 4 };

/* Lives inside a larger, private record. */
struct bytes {
	const uint8_t *pos, *end;
	const char *name; /* for complaints; borrowed from who opened it */
};

/*
 * Open a path ("-" is standard input), or lend memory, which must outlive the
 * source.  0; -ENOMEM or what open() says, then with a complaint.
 */
int bytes_open(const char *path, struct bytes **out, struct complaint *why) MUST_USE;
int bytes_over(const void *memory, size_t len, const char *name, struct bytes **out) MUST_USE;
void bytes_close(struct bytes *bytes); /* NULL is fine */

/* Told after each read how many bytes of the file as stored have been read. */
void bytes_watch(struct bytes *bytes, void (*progress)(void *arg, uint64_t bytes_read), void *arg);

/*
 * From now on what is read stays for a while, in one of several buffers.  turn()
 * is told, with `all` false, before another is filled; when it returns for the
 * `buffers`-th time after something was read, nobody may look at that any more.
 * With run() and await(), as struct input_sink has them, the next buffer is
 * filled ahead, maybe by another thread.  0 or -ENOMEM.
 */
struct bytes_lending {
	unsigned buffers; /* 1 to BYTES_BUFFERS_MAX */
	void (*turn)(void *arg, bool all);
	void (*run)(void *arg, void (*job)(void *job_arg), void *job_arg); /* may be NULL */
	void (*await)(void *arg);
	void *arg;
};
int bytes_lend(struct bytes *bytes, const struct bytes_lending *lending) MUST_USE;

/* Read at most `most` bytes at a time, as a slow pipe would. */
void bytes_read_at_most(struct bytes *bytes, size_t most);

bool bytes_fill(struct bytes *bytes, size_t want);

static inline size_t bytes_ready(const struct bytes *bytes)
{
	return (size_t)(bytes->end - bytes->pos);
}

/*
 * At least `want` bytes from `pos` on; false if the source ends or breaks
 * before, and then whatever there is stays ready.
 */
static inline bool bytes_want(struct bytes *bytes, size_t want)
{
	return bytes_ready(bytes) >= want || bytes_fill(bytes, want);
}

/* Step over `len` bytes, however many; false if there were fewer. */
bool bytes_skip(struct bytes *bytes, uint64_t len);

/*
 * After bytes_want() said false: 0 if the file simply ended there, else why it
 * could not be read on: -EIO and the like, -EBADMSG, -EFBIG, -ENOMEM, or
 * -ENODATA when packed data stops short.
 */
int bytes_error(const struct bytes *bytes, struct complaint *why) MUST_USE;

/* Which byte of the unpacked file `pos` is. */
uint64_t bytes_offset(const struct bytes *bytes);

/* A line without its end ("\n" or "\r\n"). */
struct line {
	const char *text;
	size_t len;
	bool whole; /* it had an end */
};

enum line_verdict {
	LINE_OK,
	LINE_TOO_LONG, /* longer than BYTES_WANT_MAX; it was stepped over */
	LINE_NONE      /* the end, or bytes_error() */
};

/* The next line, borrowed until the next call, and `pos` after it. */
enum line_verdict bytes_line(struct bytes *bytes, struct line *out);
