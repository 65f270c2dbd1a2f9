/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works
 * ============
 *
 *	buffer:  [ headroom | chunk                       ]
 *	              ^pos          ^end
 *
 * New data always goes to the start of `chunk`, so that reads are large and
 * aligned; what the reader has left over, less than it wants, is first moved
 * to just before it, into the headroom.  A reader that wants one packet more
 * than there is thus moves a few hundred bytes per MiB, and never packets.
 */
#include "input/bytes.h"

#include "input/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
	HEADROOM = BYTES_WANT_MAX,
	CHUNK = 1024 * 1024,
	FIRST_CHUNK = 64 * 1024, /* enough to see what a file is, when that is all we want */
	PACKED_CHUNK = 128 * 1024,
};

/*
 * Under the address sanitizer what lies behind `end` is out of bounds, too,
 * so that every test and fuzz run notices a reader that looks too far.
 */
#if defined(__SANITIZE_ADDRESS__)
#define GUARDED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED
#endif
#endif
#ifdef GUARDED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif
enum { GUARD = 1024 };

struct source {
	struct bytes bytes; /* first: what the reader sees */
	int fd;		    /* -1: memory */
	bool standard;	    /* standard input: not ours to close */
	const uint8_t *memory;
	size_t memory_left;
	size_t most;	   /* bytes per read */
	uint64_t produced; /* unpacked bytes put into the window so far */
	uint64_t stored;   /* bytes read from the file ... */
	uint64_t told;	   /* ... of which progress() has been told */
	bool started, ended;
	int error;
	const char *problem; /* what the unpacker said */
	enum packing packing;
	struct unpacker *unpacker;
	struct unpack_io packed; /* what was read and not unpacked yet */
	uint8_t *packed_buffer;
	void (*progress)(void *arg, uint64_t bytes_read);
	void *progress_arg;
	struct bytes_lending lending; /* no turn(): not lent */
	uint8_t *lent;		      /* more buffers, smaller ones; NULL: one will do */
	unsigned lent_count, lent_now;
	bool ahead;	  /* the buffer after that is being filled: touch nothing below ... */
	size_t ahead_got; /* ... and then it holds so much */
	uint8_t *ahead_to;
	size_t chunk_size;
	uint8_t *chunk;	  /* where new data goes */
	uint8_t buffer[]; /* headroom, chunk, guard */
};

static struct source *source_new(const char *name, size_t headroom, size_t chunk)
{
	/* Not cleared: most of it will be overwritten, or never touched. */
	struct source *s = malloc(sizeof(*s) + headroom + chunk + GUARD);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->bytes.name = name;
	s->chunk = s->buffer + headroom;
	s->chunk_size = chunk;
	s->bytes.pos = s->bytes.end = s->chunk;
	s->fd = -1;
	s->most = SIZE_MAX;
	return s;
}

int bytes_open(const char *path, struct bytes **out, struct complaint *why)
{
	bool standard = !strcmp(path, "-");
	struct source *s = source_new(standard ? "standard input" : path, HEADROOM, CHUNK);

	if (!s)
		return -ENOMEM;
	s->standard = standard;
	s->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0) {
		int rc = -errno;

		complain(why, "%s: cannot open: %s", path, strerror(-rc));
		free(s);
		return rc;
	}
	*out = &s->bytes;
	return 0;
}

int bytes_over(const void *memory, size_t len, const char *name, struct bytes **out)
{
	bool plain = packing_of(memory, len) == PACKING_NONE;
	size_t headroom = plain && len < HEADROOM ? len : HEADROOM; /* no more can be left over */
	struct source *s = source_new(name, headroom, plain && len < CHUNK ? len : CHUNK);

	if (!s)
		return -ENOMEM;
	s->memory = memory;
	s->memory_left = len;
	*out = &s->bytes;
	return 0;
}

static struct source *source_of(struct bytes *b)
{
	return (struct source *)b;
}

/* What has been read ahead into the buffer at hand. */
static size_t end_ahead(struct source *s)
{
	if (!s->ahead)
		return 0;
	s->lending.await(s->lending.arg);
	s->ahead = false;
	return s->ahead_got;
}

void bytes_close(struct bytes *b)
{
	struct source *s = source_of(b);

	if (!b)
		return;
	(void)end_ahead(s);
	if (s->fd >= 0 && !s->standard)
		close(s->fd);
	unpacker_free(s->unpacker);
	free(s->packed_buffer);
	ASAN_UNPOISON_MEMORY_REGION(b->end, GUARD);
	free(s->lent);
	free(s);
}

void bytes_watch(struct bytes *b, void (*progress)(void *arg, uint64_t bytes_read), void *arg)
{
	source_of(b)->progress = progress;
	source_of(b)->progress_arg = arg;
}

/* Each with its own headroom, chunk and guard. */
enum { LENT_CHUNK = 1024 * 1024, LENT_SIZE = HEADROOM + LENT_CHUNK + GUARD };

int bytes_lend(struct bytes *b, const struct bytes_lending *lending)
{
	struct source *s = source_of(b);

	CHECK(lending->buffers >= 1 && lending->buffers <= BYTES_BUFFERS_MAX);
	CHECK(!lending->run || lending->buffers > 1);
	s->lent_count = lending->buffers + (lending->run ? 1 : 0);
	if (s->lent_count > 1) {
		s->lent = malloc((size_t)s->lent_count * LENT_SIZE);
		if (!s->lent)
			return -ENOMEM;
	}
	s->lending = *lending;
	return 0; /* what has been read already stays where it is until the end */
}

static uint8_t *lent_chunk(const struct source *s, unsigned n)
{
	return s->lent + (size_t)(n % s->lent_count) * LENT_SIZE + HEADROOM;
}

/* The next buffer becomes the one to fill; nobody needs any more what it holds. */
static void next_buffer(struct source *s)
{
	s->lent_now = (s->lent_now + 1) % s->lent_count;
	s->chunk_size = LENT_CHUNK;
	s->chunk = lent_chunk(s, s->lent_now);
	if (!s->ahead)
		ASAN_UNPOISON_MEMORY_REGION(s->chunk - HEADROOM, LENT_SIZE);
}

void bytes_read_at_most(struct bytes *b, size_t most)
{
	CHECK(most > 0);
	source_of(b)->most = most;
}

uint64_t bytes_offset(const struct bytes *b)
{
	return ((const struct source *)b)->produced - bytes_ready(b);
}

/* Someone may hand us a standard input that does not block. */
static void wait_for_input(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	(void)poll(&p, 1, -1);
}

static ssize_t read_descriptor(int fd, uint8_t *to, size_t room)
{
	for (;;) {
		ssize_t n = read(fd, to, room);

		if (n >= 0)
			return n;
		if (errno == EAGAIN)
			wait_for_input(fd);
		else if (errno != EINTR)
			return -errno;
	}
}

static ssize_t read_memory(struct source *s, uint8_t *to, size_t room)
{
	size_t n = room < s->memory_left ? room : s->memory_left;

	if (n) {
		memcpy(to, s->memory, n);
		s->memory += n;
		s->memory_left -= n;
	}
	return (ssize_t)n;
}

/* Some bytes of the file as stored; 0 at its end or when reading fails. */
static size_t read_stored(struct source *s, uint8_t *to, size_t room)
{
	ssize_t n;

	if (s->ended || s->error)
		return 0;
	if (room > s->most)
		room = s->most;
	n = s->fd >= 0 ? read_descriptor(s->fd, to, room) : read_memory(s, to, room);
	if (n < 0)
		s->error = (int)n;
	if (n <= 0) {
		s->ended = true;
		return 0;
	}
	s->stored += (uint64_t)n;
	return (size_t)n;
}

static void tell_progress(struct source *s)
{
	if (!s->progress || s->stored == s->told)
		return;
	s->told = s->stored;
	s->progress(s->progress_arg, s->stored);
}

/* Read the first bytes, see whether they are packed, and if so set up unpacking. */
static size_t start(struct source *s, uint8_t *to)
{
	size_t got = 0, n;

	s->started = true;
	do {
		n = read_stored(s, to + got, FIRST_CHUNK - got);
		got += n;
	} while (n && got < PACKING_MAGIC_SIZE);
	s->packing = packing_of(to, got);
	if (s->packing == PACKING_NONE)
		return got;
	s->unpacker = unpacker_new(s->packing);
	s->packed_buffer = malloc(PACKED_CHUNK);
	if (!s->unpacker || !s->packed_buffer) {
		s->error = -ENOMEM;
		return 0;
	}
	memcpy(s->packed_buffer, to, got);
	s->packed.in = s->packed_buffer;
	s->packed.in_len = got;
	return 0;
}

/* Unpack into `to`; 0 when there is nothing more to come. */
static size_t read_packed(struct source *s, uint8_t *to, size_t room)
{
	struct unpack_io *io = &s->packed;

	io->out = to;
	io->out_len = room;
	while (!s->error) {
		size_t before = io->in_len;

		io->last = s->ended;
		s->error = unpacker_run(s->unpacker, io, &s->problem);
		if (io->out_len < room)
			break;
		if (s->ended && !io->in_len && !before) {
			if (!s->error && !unpacker_may_end(s->unpacker))
				s->error = -ENODATA;
			break;
		}
		if (!s->error && before && io->in_len == before) /* stuck: neither took nor gave */
			s->error = -EBADMSG;
		if (!io->in_len) {
			io->in_len = read_stored(s, s->packed_buffer, PACKED_CHUNK);
			io->in = s->packed_buffer;
		}
	}
	return room - io->out_len;
}

static size_t read_more(struct source *s, uint8_t *to, size_t room)
{
	return s->unpacker ? read_packed(s, to, room) : read_stored(s, to, room);
}

static void fill_ahead(void *arg)
{
	struct source *s = arg;

	s->ahead_got = read_more(s, s->ahead_to, LENT_CHUNK);
}

static void start_ahead(struct source *s)
{
	s->ahead_to = lent_chunk(s, s->lent_now + 1);
	ASAN_UNPOISON_MEMORY_REGION(s->ahead_to - HEADROOM, LENT_SIZE);
	s->ahead = true;
	s->lending.run(s->lending.arg, fill_ahead, s);
}

bool bytes_fill(struct bytes *b, size_t want)
{
	struct source *s = source_of(b);
	size_t left = bytes_ready(b), got = 0, n = 1;

	CHECK(want <= BYTES_WANT_MAX && left < want);
	if (s->lending.turn)
		s->lending.turn(s->lending.arg, false);
	if (s->lent)
		next_buffer(s);
	else
		ASAN_UNPOISON_MEMORY_REGION(b->end, GUARD);
	memmove(s->chunk - left, b->pos, left);
	got = s->started ? end_ahead(s) : start(s, s->chunk);
	while (left + got < want && n > 0) {
		n = read_more(s, s->chunk + got, s->chunk_size - got);
		got += n;
	}
	b->pos = s->chunk - left;
	b->end = s->chunk + got;
	ASAN_POISON_MEMORY_REGION(b->end, GUARD);
	s->produced += got;
	tell_progress(s);
	if (s->lending.run && !s->ended && !s->error)
		start_ahead(s);
	return left + got >= want;
}

bool bytes_skip(struct bytes *b, uint64_t len)
{
	while (len > bytes_ready(b)) {
		len -= bytes_ready(b);
		b->pos = b->end;
		if (!bytes_want(b, 1))
			return false;
	}
	b->pos += len;
	return true;
}

int bytes_error(const struct bytes *b, struct complaint *why)
{
	const struct source *s = (const struct source *)b;
	unsigned long long at = s->stored - s->packed.in_len;

	if (!s->error)
		return 0;
	if (s->error == -ENODATA)
		complain(why, "%s: the %s data stops short after %llu bytes", b->name,
			 packing_name(s->packing), at);
	else if (s->problem)
		complain(why, "%s: cannot unpack the %s data at byte %llu: %s", b->name,
			 packing_name(s->packing), at, s->problem);
	else
		complain(why, "%s: cannot read on after byte %llu: %s", b->name, at,
			 strerror(-s->error));
	return s->error;
}

static void skip_line(struct bytes *b)
{
	do {
		const uint8_t *end = memchr(b->pos, '\n', bytes_ready(b));

		b->pos = end ? end + 1 : b->end;
		if (end)
			return;
	} while (bytes_want(b, 1));
}

enum line_verdict bytes_line(struct bytes *b, struct line *out)
{
	size_t seen = 0;
	const uint8_t *end = NULL;

	/* Look for the line's end in what is new only, or a slow pipe costs squares. */
	while (!end) {
		size_t n = bytes_ready(b) < BYTES_WANT_MAX ? bytes_ready(b) : BYTES_WANT_MAX;

		if (n > seen)
			end = memchr(b->pos + seen, '\n', n - seen);
		seen = n;
		if (!end && (seen >= BYTES_WANT_MAX || !bytes_want(b, seen + 1)))
			break;
	}
	if (!end && seen == 0)
		return LINE_NONE;
	if (!end && seen >= BYTES_WANT_MAX) {
		skip_line(b);
		return LINE_TOO_LONG;
	}
	out->text = (const char *)b->pos;
	out->whole = end;
	if (!end)
		end = b->end;
	out->len = (size_t)(end - b->pos);
	b->pos = out->whole ? end + 1 : end;
	if (out->len && out->text[out->len - 1] == '\r')
		out->len--;
	return LINE_OK;
}
