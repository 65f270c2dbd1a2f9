/* SPDX-License-Identifier: Apache-2.0 */
#include "input/input.h"

#include "input/recognise.h"

#include <errno.h>
#include <fts.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

/* A file on the plan, with what tells it from others. */
struct candidate {
	struct input_file file;
	bool regular; /* else device and inode mean nothing */
	dev_t device;
	ino_t inode;
};

struct planner {
	struct input_plan plan;
	struct candidate *candidates;
	size_t count, room, complaint_room;
	bool no_memory;
};

/* Room for one more; false and `no_memory` if there is none. */
static bool make_room(struct planner *p, void **array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 16;
	void *moved;

	if (count < *room)
		return true;
	moved = reallocarray(*array, more, size);
	if (!moved) {
		p->no_memory = true;
		return false;
	}
	*array = moved;
	*room = more;
	return true;
}

static void add_complaint(struct planner *p, const struct complaint *why)
{
	void *array = p->plan.complaints;

	if (make_room(p, &array, p->plan.complaint_count, &p->complaint_room,
		      sizeof(*p->plan.complaints))) {
		p->plan.complaints = array;
		p->plan.complaints[p->plan.complaint_count++].complaint = *why;
	}
}

static void add_candidate(struct planner *p, const char *path, const struct stat *st, bool named,
			  const struct recognised *what)
{
	struct candidate c = {
		.file = {.path = strdup(path),
			 .format = what->format,
			 .first = what->first,
			 .named = named},
	};
	void *array = p->candidates;

	if (st) {
		c.regular = S_ISREG(st->st_mode);
		c.file.size = c.regular ? (uint64_t)st->st_size : 0;
		c.device = st->st_dev;
		c.inode = st->st_ino;
	}
	if (!c.file.path) {
		p->no_memory = true;
		return;
	}
	if (!make_room(p, &array, p->count, &p->room, sizeof(*p->candidates))) {
		free(c.file.path);
		return;
	}
	p->candidates = array;
	p->candidates[p->count++] = c;
}

/* Nothing in it for us.  Unless it is a Zeek log, somebody may have expected otherwise. */
static void skip(struct planner *p, const char *path, bool unknown)
{
	p->plan.skipped++;
	if (!unknown)
		return;
	p->plan.skipped_unknown++;
	if (!p->plan.first_skipped)
		p->plan.first_skipped = strdup(path);
}

static void add_regular(struct planner *p, const char *path, const struct stat *st, bool named)
{
	struct recognised what;
	struct complaint why;
	struct bytes *bytes;
	int rc = bytes_open(path, &bytes, &why);

	if (rc == -ENOMEM) {
		p->no_memory = true;
		return;
	}
	if (!rc) {
		rc = recognise(bytes, &what, &why);
		bytes_close(bytes);
	}
	if (!rc && what.format > INPUT_EMPTY && what.format != INPUT_ZEEK_OTHER)
		add_candidate(p, path, st, named, &what);
	else if (rc || (named && what.format != INPUT_ZEEK_OTHER))
		add_complaint(p, &why);
	else
		skip(p, path, what.format != INPUT_ZEEK_OTHER);
}

static void complain_errno(struct planner *p, const char *path, const char *what, int error)
{
	struct complaint why;

	complain(&why, "%s: %s: %s", path, what, strerror(error));
	add_complaint(p, &why);
}

/* Pipes and devices inside a directory are left alone: reading them may never end. */
static void add_found(struct planner *p, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		complain_errno(p, path, "cannot open", errno);
	else if (S_ISREG(st.st_mode))
		add_regular(p, path, &st, false);
	else if (!S_ISDIR(st.st_mode))
		skip(p, path, true);
}

static void add_directory(struct planner *p, const char *path)
{
	char *paths[] = {strdup(path), NULL};
	FTS *walk = NULL;
	FTSENT *entry;

	if (paths[0])
		walk = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	free(paths[0]);
	if (!walk) {
		complain_errno(p, path, "cannot list", errno);
		return;
	}
	while ((entry = fts_read(walk)) && !p->no_memory) {
		switch (entry->fts_info) {
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			complain_errno(p, entry->fts_path, "cannot list", entry->fts_errno);
			break;
		case FTS_F:
		case FTS_SL:
			add_found(p, entry->fts_path);
			break;
		case FTS_DEFAULT:
		case FTS_SLNONE:
			skip(p, entry->fts_path, true);
			break;
		default:
			break;
		}
	}
	fts_close(walk);
}

static void add_existing(struct planner *p, const char *path, const struct stat *st)
{
	static const struct recognised later = {.format = INPUT_UNKNOWN};

	if (S_ISDIR(st->st_mode))
		add_directory(p, path);
	else if (S_ISREG(st->st_mode))
		add_regular(p, path, st, true);
	else
		add_candidate(p, path, st, true, &later); /* what a pipe holds is seen once */
}

/* A pattern that the shell left alone; each match counts as named by the user. */
static void add_pattern(struct planner *p, const char *pattern)
{
	glob_t matches;
	struct stat st;
	int rc = glob(pattern, 0, NULL, &matches);

	if (rc == GLOB_NOSPACE) {
		p->no_memory = true;
		return;
	}
	if (rc) {
		complain_errno(p, pattern, "no file matches", ENOENT);
		return;
	}
	for (size_t i = 0; i < matches.gl_pathc; i++) {
		if (stat(matches.gl_pathv[i], &st))
			complain_errno(p, matches.gl_pathv[i], "cannot open", errno);
		else
			add_existing(p, matches.gl_pathv[i], &st);
	}
	globfree(&matches);
}

static void add_path(struct planner *p, const char *path)
{
	static const struct recognised later = {.format = INPUT_UNKNOWN};
	struct stat st;

	if (!strcmp(path, "-"))
		add_candidate(p, path, NULL, true, &later);
	else if (!stat(path, &st))
		add_existing(p, path, &st);
	else if (errno == ENOENT && strpbrk(path, "*?["))
		add_pattern(p, path);
	else
		complain_errno(p, path, "cannot open", errno);
}

/*
 * Order.
 */

/* Names before the connections they explain; what could not be looked at comes last. */
static int rank(enum input_format format)
{
	switch (format) {
	case INPUT_ZEEK_DNS:
		return 0;
	case INPUT_ZEEK_SSL:
	case INPUT_ZEEK_HTTP:
		return 1;
	case INPUT_ZEEK_CONN:
		return 2;
	case INPUT_PCAP:
	case INPUT_PCAPNG:
		return 3;
	default:
		return 4;
	}
}

static int by_reading_order(const void *a, const void *b)
{
	const struct input_file *x = &((const struct candidate *)a)->file;
	const struct input_file *y = &((const struct candidate *)b)->file;

	if (rank(x->format) != rank(y->format))
		return rank(x->format) < rank(y->format) ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return strcmp(x->path, y->path);
}

static int by_identity(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->regular != y->regular)
		return x->regular ? -1 : 1;
	if (x->regular && x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->regular && x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->file.named != y->file.named)
		return x->file.named ? -1 : 1;
	return strcmp(x->file.path, y->file.path);
}

static bool same_file(const struct candidate *a, const struct candidate *b)
{
	if (a->regular && b->regular)
		return a->device == b->device && a->inode == b->inode;
	return !a->regular && !b->regular && !strcmp(a->file.path, b->file.path);
}

/* A file named twice, or also found in a directory, is read once: it happened once. */
static void drop_doubles(struct planner *p)
{
	size_t kept = 0;

	if (!p->count)
		return;
	qsort(p->candidates, p->count, sizeof(*p->candidates), by_identity);
	for (size_t i = 0; i < p->count; i++) {
		if (kept && same_file(&p->candidates[kept - 1], &p->candidates[i]))
			free(p->candidates[i].file.path);
		else
			p->candidates[kept++] = p->candidates[i];
	}
	p->count = kept;
	qsort(p->candidates, p->count, sizeof(*p->candidates), by_reading_order);
}

static int finish(struct planner *p, struct input_plan *out)
{
	drop_doubles(p);
	if (!p->no_memory && p->count) {
		p->plan.files = calloc(p->count, sizeof(*p->plan.files));
		p->no_memory = !p->plan.files;
	}
	if (p->no_memory) {
		for (size_t i = 0; i < p->count; i++)
			free(p->candidates[i].file.path);
		free(p->candidates);
		input_plan_fini(&p->plan);
		return -ENOMEM;
	}
	for (size_t i = 0; i < p->count; i++) {
		p->plan.files[i] = p->candidates[i].file;
		p->plan.bytes += p->candidates[i].file.size;
	}
	p->plan.count = p->count;
	free(p->candidates);
	*out = p->plan;
	return 0;
}

int input_plan(const char *const *paths, size_t count, struct input_plan *out)
{
	struct planner planner = {0};

	for (size_t i = 0; i < count && !planner.no_memory; i++)
		add_path(&planner, paths[i]);
	return finish(&planner, out);
}

void input_plan_fini(struct input_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->files[i].path);
	free(plan->files);
	free(plan->complaints);
	free(plan->first_skipped);
	*plan = (struct input_plan){0};
}
