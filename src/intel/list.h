/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - what the readers of the several formats share.  Private to intel/.
 */
#pragma once

#include "intel/intel_load.h"

/* One list being read. */
struct list_read {
	struct intel *intel;
	const char *name, *unit; /* "feed.csv", "line" */
	uint32_t number;	 /* as intel_list() said */
	uint64_t entries, unread, refused;
	struct complaint first; /* what is wrong with the first that was not taken */
};

struct list_entry {
	uint64_t at;		  /* its line, or number among its unit */
	enum indicator_kind kind; /* that its place says; INDICATOR_NONE: whatever it is */
	const char *text;
	size_t len;
	uint16_t port; /* beside it; 0: none */
	const char *about;
	size_t about_len;
	uint32_t until_s;
};

/* Take the entry, or count it as not taken. */
void list_take(struct list_read *l, const struct list_entry *entry);

/* Count an entry that could not even be found. */
void list_unread(struct list_read *l, uint64_t at, const char *why);

void list_read_lines(struct list_read *l, const char *text, size_t len);

/* 0, or -EBADMSG or -ENOMEM and a sentence. */
int list_read_json(struct list_read *l, const char *text, size_t len,
		   struct complaint *why) MUST_USE;

struct json_t; /* of libjansson */
void list_read_stix(struct list_read *l, const struct json_t *bundle);
void list_read_misp(struct list_read *l, const struct json_t *root);
