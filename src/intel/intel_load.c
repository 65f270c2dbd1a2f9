/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/intel_load.h"

#include "intel/list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { FILE_MOST = 512 << 20, PATH_MOST = 4096, DEPTH_MOST = 8, QUOTED = 80 };

void list_unread(struct list_read *l, uint64_t at, const char *why)
{
	intel_missed(l->intel, INTEL_UNREAD);
	l->entries++;
	if (l->unread++ + l->refused == 0)
		complain(&l->first, "%s: %s %llu: %s", l->name, l->unit, (unsigned long long)at,
			 why);
}

void list_take(struct list_read *l, const struct list_entry *e)
{
	struct intel_entry entry = {
		.list = l->number,
		.line = e->at < UINT32_MAX ? (uint32_t)e->at : UINT32_MAX,
		.about = e->about,
		.about_len = e->about_len,
		.until_s = e->until_s,
	};
	struct indicator_key key;
	const char *why = e->kind ? indicator_parse_as(e->kind, e->text, e->len, &key)
				  : indicator_parse(e->text, e->len, &key);
	char quoted[QUOTED];

	if (why) {
		list_unread(l, e->at, why);
		return;
	}
	l->entries++;
	if (e->port)
		key.port = e->port;
	why = intel_add(l->intel, &key, &entry);
	if (!why)
		return;
	printable(quoted, sizeof(quoted), e->text, e->len);
	if (l->unread + l->refused++ == 0)
		complain(&l->first, "%s: %s %llu: %s: %s", l->name, l->unit,
			 (unsigned long long)e->at, quoted, why);
}

/* Entries that were of use, if only to say again what another list says. */
static uint64_t taken(const struct intel *intel)
{
	struct intel_stats s = intel_stats(intel);

	return s.indicators + s.repeated + s.forgotten;
}

static void tell(const struct intel_reader *reader, const struct list_read *l, bool gave)
{
	const char *useless = "nothing of this list is used";
	struct complaint all;

	if (gave)
		useless = "";
	else
		intel_missed(l->intel, INTEL_LIST_USELESS);
	if (!reader->trouble || (gave && l->unread + l->refused == 0))
		return;
	if (l->unread + l->refused == 0)
		complain(&all, "%.400s: %s", l->name, useless);
	else
		complain(&all,
			 "%.400s; of %llu entries %llu were refused and %llu not understood%s%s",
			 l->first.text, (unsigned long long)l->entries,
			 (unsigned long long)l->refused, (unsigned long long)l->unread,
			 gave ? "" : ": ", useless);
	reader->trouble(reader->arg, all.text);
}

static bool is_json(const char *text, size_t len)
{
	size_t i = 0;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		i = 3;
	while (i < len && strchr(" \t\r\n", text[i]))
		i++;
	return i < len && (text[i] == '{' ||
			   (text[i] == '[' && i + 1 < len && strchr(" \t\r\n{[]", text[i + 1])));
}

static int load_text(const struct intel_reader *reader, const char *name, const char *text,
		     size_t len, struct complaint *why)
{
	uint64_t before = taken(reader->intel);
	struct list_read l = {.intel = reader->intel, .name = name, .unit = "line"};
	bool json = is_json(text, len);
	int rc = 0;

	if (len >= 4 && (!memcmp(text, "\x1f\x8b", 2) || !memcmp(text, "\x28\xb5\x2f\xfd", 4) ||
			 !memcmp(text, "PK\x03\x04", 4))) {
		complain(why, "%s: it is packed; unpack it first", name);
		return -EBADMSG;
	}
	if (len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) {
		complain(why, "%s: it is UTF-16; make UTF-8 of it first", name);
		return -EBADMSG;
	}
	if (json && reader->json_most && len > reader->json_most) {
		complain(why, "%s: JSON of more than %zu MiB; split it, or give more --memory",
			 name, reader->json_most >> 20);
		return -EFBIG;
	}
	if (json) {
		rc = list_read_json(&l, text, len, why);
	} else {
		l.number = intel_list(reader->intel, name, l.unit);
		list_read_lines(&l, text, len);
	}
	if (!rc)
		tell(reader, &l, taken(reader->intel) > before);
	return rc;
}

int intel_load_text(const struct intel_reader *reader, const char *name, const char *text,
		    size_t len, struct complaint *why)
{
	int rc = load_text(reader, name, text, len, why);

	if (rc)
		intel_missed(reader->intel, INTEL_LIST_BROKEN);
	return rc;
}

static int read_all(FILE *in, char **out_text, size_t *out_len)
{
	size_t room = 1 << 16, len = 0, got;
	char *text = malloc(room);

	while (text && (got = fread(text + len, 1, room - len, in)) > 0) {
		char *grown;

		len += got;
		if (len < room)
			continue;
		if (room >= FILE_MOST) {
			free(text);
			return -EFBIG;
		}
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			free(text);
		text = grown;
	}
	if (!text)
		return -ENOMEM;
	if (ferror(in)) {
		free(text);
		return -EIO;
	}
	*out_text = text;
	*out_len = len;
	return 0;
}

static int load_file(const struct intel_reader *reader, const char *path, struct complaint *why)
{
	FILE *in = fopen(path, "rb");
	size_t len;
	char *text;
	int rc;

	if (!in) {
		rc = -errno;
		complain(why, "%s: %s", path, strerror(-rc));
		intel_missed(reader->intel, INTEL_LIST_BROKEN);
		return rc;
	}
	rc = read_all(in, &text, &len);
	(void)fclose(in);
	if (rc) {
		complain(why, "%s: %s", path, strerror(-rc));
		intel_missed(reader->intel, INTEL_LIST_BROKEN);
		return rc;
	}
	rc = intel_load_text(reader, path, text, len, why);
	free(text);
	return rc;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The directories that lead to one. */
struct way {
	const struct way *up; /* NULL: it was named itself */
	dev_t device;
	ino_t inode;
	int depth;
};

static int load(const struct intel_reader *reader, const char *path, const struct way *up,
		struct complaint *why);

static int load_directory(const struct intel_reader *reader, const char *path,
			  const struct way *way, struct complaint *why)
{
	struct dirent **entries;
	int count = way->depth < DEPTH_MOST ? scandir(path, &entries, visible, alphasort) : 0,
	    rc = 0;

	if (count < 0) {
		rc = -errno;
		complain(why, "%s: %s", path, strerror(-rc));
		intel_missed(reader->intel, INTEL_LIST_BROKEN);
		return rc;
	}
	for (int i = 0; i < count; i++) {
		char below[PATH_MOST];
		int one = 0;

		if (snprintf(below, sizeof(below), "%s/%s", path, entries[i]->d_name) <
		    (int)sizeof(below))
			one = load(reader, below, way, rc ? NULL : why);
		if (!rc)
			rc = one;
		free(entries[i]);
	}
	if (way->depth < DEPTH_MOST)
		free(entries);
	return rc;
}

static int load(const struct intel_reader *reader, const char *path, const struct way *up,
		struct complaint *why)
{
	struct way way = {.up = up, .depth = up ? up->depth + 1 : 0};
	struct stat info;

	if (stat(path, &info)) {
		int rc = -errno;

		complain(why, "%s: %s", path, strerror(-rc));
		intel_missed(reader->intel, INTEL_LIST_BROKEN);
		return rc;
	}
	if (S_ISDIR(info.st_mode)) {
		way.device = info.st_dev;
		way.inode = info.st_ino;
		for (const struct way *w = up; w; w = w->up)
			if (w->device == info.st_dev && w->inode == info.st_ino)
				return 0; /* a link back to where we come from */
		return load_directory(reader, path, &way, why);
	}
	if (up && !S_ISREG(info.st_mode))
		return 0; /* a pipe in a directory may never end */
	return load_file(reader, path, why);
}

int intel_load(const struct intel_reader *reader, const char *path, struct complaint *why)
{
	return load(reader, path, NULL, why);
}
