/* SPDX-License-Identifier: Apache-2.0 */
#include "input/unpack.h"

#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
	ZSTD_WINDOW_LOG = 26, /* 64 MiB of history; with its buffers below UNPACK_MEMORY_MAX */
	FIRST_PORTION = 5,    /* less than any frame header */
	ZSTD_BLOCK_HEAD = 3,
	LZ4_BLOCK_HEAD = 4,
};

struct unpacker {
	enum packing packing;
	bool started;
	bool between; /* at the end of a member, nothing of the next seen */
	size_t asked; /* how much zstd or lz4 want next; 0: the start of a frame */
	z_stream gzip;
	lzma_stream xz;
	ZSTD_DStream *zstd;
	LZ4F_dctx *lz4;
};

const char *packing_name(enum packing packing)
{
	static const char *const names[PACKINGS] = {"", "gzip", "zstd", "xz", "lz4"};

	CHECK(packing < PACKINGS);
	return names[packing];
}

enum packing packing_of(const uint8_t *head, size_t len)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum packing packing;
	} magics[] = {
		{"\x1f\x8b\x08", 3, PACKING_GZIP},
		{"\x28\xb5\x2f\xfd", 4, PACKING_ZSTD},
		{"\xfd"
		 "7zXZ\0",
		 6, PACKING_XZ},
		{"\x04\x22\x4d\x18", 4, PACKING_LZ4},
	};

	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		if (len >= magics[i].len && !memcmp(head, magics[i].bytes, magics[i].len))
			return magics[i].packing;
	}
	/* A skippable frame; zstd and lz4 share them, but only pzstd starts with one. */
	if (len >= 4 && (head[0] & 0xf0) == 0x50 && !memcmp(head + 1, "\x2a\x4d\x18", 3))
		return PACKING_ZSTD;
	return PACKING_NONE;
}

struct unpacker *unpacker_new(enum packing packing)
{
	struct unpacker *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->packing = packing;
	switch (packing) {
	case PACKING_GZIP:
		u->started = inflateInit2(&u->gzip, 16 + MAX_WBITS) == Z_OK;
		break;
	case PACKING_XZ:
		u->xz = (lzma_stream)LZMA_STREAM_INIT;
		u->started = lzma_stream_decoder(&u->xz, UNPACK_MEMORY_MAX, LZMA_CONCATENATED) ==
			     LZMA_OK;
		break;
	case PACKING_ZSTD:
		u->zstd = ZSTD_createDStream();
		u->started = u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
						u->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
		break;
	case PACKING_LZ4:
		u->started = !LZ4F_isError(LZ4F_createDecompressionContext(&u->lz4, LZ4F_VERSION));
		break;
	default:
		break;
	}
	if (!u->started) {
		unpacker_free(u);
		return NULL;
	}
	return u;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	if (u->packing == PACKING_GZIP)
		inflateEnd(&u->gzip);
	if (u->packing == PACKING_XZ)
		lzma_end(&u->xz);
	ZSTD_freeDStream(u->zstd);
	LZ4F_freeDecompressionContext(u->lz4);
	free(u);
}

bool unpacker_may_end(const struct unpacker *u)
{
	return u->between;
}

static void took(struct unpack_io *io, size_t in, size_t out)
{
	io->in += in;
	io->in_len -= in;
	io->out += out;
	io->out_len -= out;
}

/* After a member: nothing, zeros (tapes and some tools pad), or another member. */
static int gzip_next_member(struct unpacker *u, struct unpack_io *io, const char **problem)
{
	while (io->in_len && *io->in == 0)
		took(io, 1, 0);
	if (!io->in_len)
		return 0;
	if (*io->in != 0x1f) {
		*problem = "something else follows after its end";
		return -EBADMSG;
	}
	u->between = false;
	return inflateReset(&u->gzip) == Z_OK ? 0 : -EBADMSG;
}

static int run_gzip(struct unpacker *u, struct unpack_io *io, const char **problem)
{
	z_stream *z = &u->gzip;
	int rc = Z_OK;

	while (rc == Z_OK) {
		if (u->between) {
			rc = gzip_next_member(u, io, problem);
			if (rc || u->between)
				return rc;
		}

		size_t in = io->in_len < UINT32_MAX ? io->in_len : UINT32_MAX;
		size_t out = io->out_len < UINT32_MAX ? io->out_len : UINT32_MAX;

		z->next_in = io->in;
		z->avail_in = (unsigned)in;
		z->next_out = io->out;
		z->avail_out = (unsigned)out;
		rc = inflate(z, Z_NO_FLUSH);
		took(io, in - z->avail_in, out - z->avail_out);
		if (rc == Z_STREAM_END) {
			u->between = true;
			rc = Z_OK;
		}
	}
	if (rc == Z_BUF_ERROR) /* no more input, or no more room */
		return 0;
	if (z->msg)
		*problem = z->msg;
	return rc == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int run_xz(struct unpacker *u, struct unpack_io *io, const char **problem)
{
	lzma_stream *x = &u->xz;
	lzma_ret rc;

	x->next_in = io->in;
	x->avail_in = io->in_len;
	x->next_out = io->out;
	x->avail_out = io->out_len;
	rc = lzma_code(x, io->last ? LZMA_FINISH : LZMA_RUN);
	took(io, io->in_len - x->avail_in, io->out_len - x->avail_out);
	switch (rc) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return 0;
	case LZMA_STREAM_END:
		u->between = true;
		return 0;
	case LZMA_MEM_ERROR:
		*problem = "not enough memory";
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		*problem = "it asks for more than 66 MiB of memory";
		return -EFBIG;
	case LZMA_FORMAT_ERROR:
		*problem = "something else follows after its end";
		return -EBADMSG;
	case LZMA_OPTIONS_ERROR:
		*problem = "it uses an xz option that liblzma does not know";
		return -EBADMSG;
	default:
		return -EBADMSG;
	}
}

/*
 * zstd and lz4 lose what they unpacked in a call that ends in an error, so
 * they are fed what they ask for, a block at a time, without the head of the
 * next block that they ask for with it: all that comes before a break is
 * then delivered.
 */
static size_t portion(const struct unpacker *u, const struct unpack_io *io, size_t head)
{
	size_t size = u->asked ? u->asked : FIRST_PORTION;

	if (size > head)
		size -= head;
	return io->in_len < size ? io->in_len : size;
}

/* False when nothing moved. */
static bool fed(struct unpacker *u, struct unpack_io *io, size_t in, size_t out, size_t asked)
{
	if (!in && !out)
		return false;
	took(io, in, out);
	u->asked = asked;
	u->between = asked == 0;
	return io->out_len && (io->in_len || !u->between);
}

static int zstd_error(size_t rc, const char **problem)
{
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		*problem = "it asks for more than 64 MiB of memory (zstd --long or --ultra -22)";
		return -EFBIG;
	case ZSTD_error_memory_allocation:
		*problem = "not enough memory";
		return -ENOMEM;
	case ZSTD_error_prefix_unknown:
		*problem = "something else follows after its end";
		return -EBADMSG;
	default:
		return -EBADMSG;
	}
}

static int run_zstd(struct unpacker *u, struct unpack_io *io, const char **problem)
{
	ZSTD_inBuffer in;
	ZSTD_outBuffer out;
	size_t rc;

	do {
		in = (ZSTD_inBuffer){.src = io->in, .size = portion(u, io, ZSTD_BLOCK_HEAD)};
		out = (ZSTD_outBuffer){.dst = io->out, .size = io->out_len};
		rc = ZSTD_decompressStream(u->zstd, &out, &in);
		if (ZSTD_isError(rc))
			return zstd_error(rc, problem);
	} while (fed(u, io, in.pos, out.pos, rc));
	return 0;
}

static int run_lz4(struct unpacker *u, struct unpack_io *io)
{
	size_t rc, in, out;

	do {
		in = portion(u, io, LZ4_BLOCK_HEAD);
		out = io->out_len;
		rc = LZ4F_decompress(u->lz4, io->out, &out, io->in, &in, NULL);
		if (LZ4F_isError(rc))
			return -EBADMSG;
	} while (fed(u, io, in, out, rc));
	return 0;
}

int unpacker_run(struct unpacker *u, struct unpack_io *io, const char **out_problem)
{
	/* Asked for more after the end, a decoder would begin to wait for another member. */
	if (u->between && !io->in_len)
		return 0;
	*out_problem = "broken data";
	switch (u->packing) {
	case PACKING_GZIP:
		return run_gzip(u, io, out_problem);
	case PACKING_XZ:
		return run_xz(u, io, out_problem);
	case PACKING_ZSTD:
		return run_zstd(u, io, out_problem);
	default:
		return run_lz4(u, io);
	}
}
