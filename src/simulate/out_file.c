/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER_SIZE = 256 * 1024, PATH_SIZE = 4096 };

struct out_file {
	char path[PATH_SIZE];
	char buffer[BUFFER_SIZE];
	size_t used;
	uint64_t bytes;
	gzFile packed; /* NULL: plain */
	int fd;	       /* -1 once zlib owns it */
	int error;
};

int out_file_open(const char *path, const struct out_options *options, struct out_file **out_file,
		  struct complaint *why)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (options->force ? O_TRUNC : O_EXCL);
	struct out_file *f = malloc(sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->used = 0;
	f->bytes = 0;
	f->error = 0;
	f->packed = NULL;
	snprintf(f->path, sizeof(f->path), "%s%s", path, options->gzip ? ".gz" : "");
	f->fd = open(f->path, flags, 0666);
	if (f->fd < 0) {
		err = -errno;
		complain(why, "%s: %s%s", f->path, strerror(-err),
			 err == -EEXIST ? " (--force overwrites)" : "");
		free(f);
		return err;
	}
	if (options->gzip) {
		f->packed = gzdopen(f->fd, "wb1");
		if (!f->packed) {
			complain(why, "%s: not enough memory to pack it", f->path);
			close(f->fd);
			free(f);
			return -ENOMEM;
		}
		f->fd = -1;
	}
	*out_file = f;
	return 0;
}

static int push(struct out_file *f, const char *bytes, size_t len)
{
	if (f->packed) {
		errno = 0;
		if (len && gzwrite(f->packed, bytes, (unsigned int)len) != (int)len)
			return errno ? -errno : -EIO;
		return 0;
	}
	while (len) {
		ssize_t n = write(f->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static void flush(struct out_file *f)
{
	if (!f->error)
		f->error = push(f, f->buffer, f->used);
	f->used = 0;
}

int out_file_close(struct out_file *f, struct complaint *why)
{
	int err;

	if (!f)
		return 0;
	flush(f);
	errno = 0;
	if (f->packed && gzclose(f->packed) != Z_OK && !f->error)
		f->error = errno ? -errno : -EIO;
	if (f->fd >= 0 && close(f->fd) && !f->error)
		f->error = -errno;
	err = f->error;
	if (err)
		complain(why, "%s: %s; the file is incomplete", f->path, strerror(-err));
	free(f);
	return err;
}

int out_file_error(const struct out_file *f)
{
	return f->error;
}

uint64_t out_file_bytes(const struct out_file *f)
{
	return f->bytes;
}

void out_bytes(struct out_file *f, const void *bytes, size_t len)
{
	const char *p = bytes;

	f->bytes += len;
	while (len) {
		size_t room = sizeof(f->buffer) - f->used, n = len < room ? len : room;

		memcpy(f->buffer + f->used, p, n);
		f->used += n;
		p += n;
		len -= n;
		if (f->used == sizeof(f->buffer))
			flush(f);
	}
}

void out_text(struct out_file *f, const char *text)
{
	out_bytes(f, text, strlen(text));
}

void out_char(struct out_file *f, char c)
{
	out_bytes(f, &c, 1);
}

void out_number(struct out_file *f, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	out_bytes(f, digits + at, sizeof(digits) - at);
}

void out_format(struct out_file *f, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	CHECK(strlen(text) + 1 < sizeof(text)); /* or it may have been cut */
	out_text(f, text);
}

static int make_directory(const char *path, struct complaint *why)
{
	struct stat st;
	int err;

	if (mkdir(path, 0777) == 0)
		return 0;
	err = -errno;
	if (err == -EEXIST) {
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return 0;
		err = -ENOTDIR;
	}
	complain(why, "%s: %s", path, strerror(-err));
	return err;
}

int out_directory(const char *path, struct complaint *why)
{
	char part[PATH_SIZE];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part)) {
		complain(why, "a directory's name has 1 to %d characters", PATH_SIZE - 1);
		return -EINVAL;
	}
	memcpy(part, path, len + 1);
	for (size_t i = 1; i < len; i++) {
		int err;

		if (part[i] != '/')
			continue;
		part[i] = '\0';
		err = make_directory(part, why);
		if (err)
			return err;
		part[i] = '/';
	}
	return make_directory(part, why);
}
