/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/domains.h"

#include "base/hash.h"
#include "proto/domain.h"
#include "proto/entropy.h"
#include "timeline/sheets.h"

#include <math.h>

enum { HOUR_S = 3600, DAY_S = 86400, RANK_MOST = 15 };

const char *domain_type_name(enum domain_type type)
{
	static const char *const names[DOMAIN_TYPES] = {"A",   "AAAA", "HTTPS", "PTR",	"SRV",
							"TXT", "MX",   "CNAME", "NULL", "other"};

	CHECK(type < DOMAIN_TYPES);
	return names[type];
}

struct domain_table {
	struct sheets *sheets;
};

static struct domain_key key_of(const struct address *host, uint32_t domain)
{
	return (struct domain_key){.host = *host, .domain = domain};
}

struct domain_table *domain_table_new(size_t budget)
{
	struct domain_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->sheets = sheets_new(budget, sizeof(struct domain_facts), sizeof(struct domain_key),
			       offsetof(struct domain_facts, questions));
	if (!t->sheets) {
		free(t);
		return NULL;
	}
	return t;
}

void domain_table_free(struct domain_table *t)
{
	if (!t)
		return;
	sheets_free(t->sheets);
	free(t);
}

struct domain_facts *domain_table_get(struct domain_table *t, const struct address *host,
				      uint32_t domain)
{
	struct domain_key key = key_of(host, domain);

	return sheets_get(t->sheets, &key);
}

const struct domain_facts *domain_table_find(const struct domain_table *t,
					     const struct address *host, uint32_t domain)
{
	struct domain_key key = key_of(host, domain);

	return sheets_find(t->sheets, &key);
}

size_t domain_table_count(const struct domain_table *t)
{
	return sheets_count(t->sheets);
}

struct domain_facts *domain_table_at(const struct domain_table *t, size_t number)
{
	return sheets_at(t->sheets, number);
}

uint64_t domain_table_evicted(const struct domain_table *t)
{
	return sheets_evicted(t->sheets);
}

static enum domain_type type_of(uint16_t type)
{
	switch (type) {
	case 1:
		return DOMAIN_A;
	case 28:
		return DOMAIN_AAAA;
	case 64:
	case 65:
		return DOMAIN_HTTPS;
	case 12:
		return DOMAIN_PTR;
	case 33:
		return DOMAIN_SRV;
	case 16:
		return DOMAIN_TXT;
	case 15:
		return DOMAIN_MX;
	case 5:
		return DOMAIN_CNAME;
	case 10:
		return DOMAIN_NULL;
	default:
		return DOMAIN_OTHER;
	}
}

/*
 * Register and rank from one hash: nine bits, and the zeros before the first one of the
 * rest.  A register at its end changes no more, which the chance of a change knows.
 */
static void sketch_add(struct domain_facts *f, uint64_t hash)
{
	size_t at = hash >> 55;
	unsigned int shift = at % 2 * 4, old = f->sketch[at / 2] >> shift & RANK_MOST;
	uint64_t rest = hash << 9;
	unsigned int rank = rest ? 1 + (unsigned int)__builtin_clzll(rest) : RANK_MOST;

	if (rank > RANK_MOST)
		rank = RANK_MOST;
	if (rank <= old)
		return;
	f->distinct += DOMAIN_REGISTERS / f->fresh;
	f->fresh -= ldexp(1, -(int)old);
	if (rank < RANK_MOST)
		f->fresh += ldexp(1, -(int)rank);
	f->sketch[at / 2] = (uint8_t)(f->sketch[at / 2] + ((rank - old) << shift));
}

/* Never less than the first name, nor more than the questions for another one. */
double domain_distinct(const struct domain_facts *f)
{
	return fmin(f->distinct, f->changes);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void add_bits(struct domain_facts *f, uint64_t bits, ns_t when)
{
	uint64_t second = when > 0 ? (uint64_t)(when / NS_PER_SEC) : 0;
	uint32_t hour = (uint32_t)(second / HOUR_S), day = (uint32_t)(second / DAY_S);

	if (hour != f->hour)
		f->hour_bits = 0;
	if (day != f->day)
		f->day_bits = 0;
	f->hour = hour;
	f->day = day;
	f->bits += bits;
	f->hour_bits += bits;
	f->day_bits += bits;
	if (f->hour_bits > f->best_hour_bits)
		f->best_hour = hour;
	if (f->day_bits > f->best_day_bits)
		f->best_day = day;
	f->best_hour_bits = larger(f->best_hour_bits, f->hour_bits);
	f->best_day_bits = larger(f->best_day_bits, f->day_bits);
}

/* What is new since the last name: neither its beginning nor its end.  Dots carry nothing. */
static uint64_t new_bits(const struct domain_facts *f, const uint8_t *sub, size_t len)
{
	size_t least = len < f->last_len ? len : f->last_len, front = 0, back = 0, used = 0;
	uint8_t fresh[DOMAIN_NAME_KEPT];

	while (front < least && sub[front] == f->last[front])
		front++;
	while (back < least - front && sub[len - 1 - back] == f->last[f->last_len - 1 - back])
		back++;
	for (size_t i = front; i < len - back; i++)
		if (sub[i] != '.')
			fresh[used++] = sub[i];
	return (uint64_t)used * entropy_millibits(fresh, used) / 1000;
}

static uint8_t longest_label(const uint8_t *sub, size_t len)
{
	size_t longest = 0, label = 0;

	for (size_t i = 0; i < len; i++) {
		label = sub[i] == '.' ? 0 : label + 1;
		if (label > longest)
			longest = label;
	}
	return (uint8_t)longest;
}

/* Is this one of the last names?  It is the very last then; the eldest makes room. */
static bool asked_lately(struct domain_facts *f, uint64_t identity)
{
	size_t at = 0, n = f->lately_count;
	bool found;

	while (at < n && f->lately[at] != identity)
		at++;
	found = at < n;
	if (!found && n < DOMAIN_LATELY)
		f->lately_count++;
	else if (!found)
		at = n - 1;
	memmove(f->lately + 1, f->lately, at * sizeof(*f->lately));
	f->lately[0] = identity;
	return found;
}

/* Another name than the last ones. */
static void note_name(struct domain_facts *f, const char *name, size_t sub_len, ns_t when)
{
	size_t skip = domain_listed_address(name, sub_len + 1), len = 0;
	uint8_t sub[DOMAIN_BYTES_MAX], label;

	if (skip < sub_len)
		len = domain_bytes(name + skip, sub_len - skip, sub);
	label = longest_label(sub, len);
	if (label > f->longest_label)
		f->longest_label = label;
	f->name_bytes += len;
	f->name_millibits += entropy_millibits(sub, len);
	if (len > DOMAIN_NAME_KEPT) /* enough to tell by; the estimate stays on the safe side */
		len = DOMAIN_NAME_KEPT;
	add_bits(f, new_bits(f, sub, len), when);
	memcpy(f->last, sub, len);
	f->last_len = (uint8_t)len;
	f->changes++;
}

void domain_note_question(struct domain_facts *f, const char *name, size_t name_len, size_t sub_len,
			  uint64_t identity, uint16_t type, uint32_t bytes, ns_t when)
{
	int64_t when_ms = when / NS_PER_MS;

	if (f->questions == 0) {
		f->salt = (uint64_t)when;
		f->fresh = DOMAIN_REGISTERS;
		f->first_ms = f->last_ms = when_ms;
	}
	if (!asked_lately(f, identity)) {
		struct hash_key key = {f->salt, 0x646e73206e616d65u};

		sketch_add(f, hash_bytes(&key, name, name_len));
		note_name(f, name, sub_len, when);
	}
	f->questions++;
	f->types[type_of(type)]++;
	f->out_bytes += bytes;
	if (when_ms < f->first_ms)
		f->first_ms = when_ms;
	if (when_ms > f->last_ms)
		f->last_ms = when_ms;
}

double domain_carried(const struct domain_facts *f, uint64_t bits)
{
	if (f->changes == 0)
		return 0;
	return (double)bits / 8 * domain_distinct(f) / f->changes;
}
