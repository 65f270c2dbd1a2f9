/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packers.h - for tests: pack with all four libraries, and unpack in one go,
 * which is another way through them than ours.
 */
#pragma once

#include "base/base.h"

#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* Pack `len` bytes into `out` (`room` bytes), return how many were made. */
typedef size_t pack_fn(const uint8_t *bytes, size_t len, uint8_t *out, size_t room);

/* What the first `len` bytes of a packed file hold, as far as they go. */
typedef size_t unpack_fn(const uint8_t *bytes, size_t len, uint8_t *out, size_t room);

static inline size_t pack_gzip(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	z_stream z = {0};

	CHECK(deflateInit2(&z, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (unsigned)len;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

static inline size_t pack_zstd(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	size_t n = ZSTD_compress(out, room, bytes, len, 3);

	CHECK(!ZSTD_isError(n));
	return n;
}

static inline size_t pack_xz(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	size_t n = 0;

	CHECK(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, bytes, len, out, &n, room) ==
	      LZMA_OK);
	return n;
}

static inline size_t pack_lz4(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	size_t n = LZ4F_compressFrame(out, room, bytes, len, NULL);

	CHECK(!LZ4F_isError(n));
	return n;
}

static inline size_t unpack_gzip(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	z_stream z = {0};

	CHECK(inflateInit2(&z, 16 + 15) == Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (unsigned)len;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	(void)inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return room - z.avail_out;
}

static inline size_t unpack_zstd(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	ZSTD_inBuffer in = {bytes, len, 0};
	ZSTD_outBuffer o = {out, room, 0};

	while (in.pos < in.size && !ZSTD_isError(ZSTD_decompressStream(context, &o, &in)))
		;
	ZSTD_freeDCtx(context);
	return o.pos;
}

static inline size_t unpack_xz(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	lzma_stream x = LZMA_STREAM_INIT;

	CHECK(lzma_auto_decoder(&x, UINT64_MAX, 0) == LZMA_OK);
	x.next_in = bytes;
	x.avail_in = len;
	x.next_out = out;
	x.avail_out = room;
	while (lzma_code(&x, LZMA_RUN) == LZMA_OK)
		;
	lzma_end(&x);
	return room - x.avail_out;
}

static inline size_t unpack_lz4(const uint8_t *bytes, size_t len, uint8_t *out, size_t room)
{
	LZ4F_dctx *context;
	size_t in = len, made = room;

	CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)));
	if (LZ4F_isError(LZ4F_decompress(context, out, &made, bytes, &in, NULL)))
		made = 0;
	LZ4F_freeDecompressionContext(context);
	return made;
}

static const struct packer {
	const char *name;
	pack_fn *pack;
	unpack_fn *unpack;
	size_t magic; /* fewer bytes than this cannot be recognised */
} packers[] = {
	{"gzip", pack_gzip, unpack_gzip, 3},
	{"zstd", pack_zstd, unpack_zstd, 4},
	{"xz", pack_xz, unpack_xz, 6},
	{"lz4", pack_lz4, unpack_lz4, 4},
};
