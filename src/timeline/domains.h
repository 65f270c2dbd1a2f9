/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domains.h - what a host asked of the DNS under one registered domain.
 *
 * A fact sheet for each (host, domain): how many questions of which types, how
 * many different names, how much the names say that the one before did not,
 * what came back.  Fed by the lane with each question and answer; read by
 * detectors when everything has been seen.  The calls themselves, for their
 * rhythm, are in a timeline table of their own (GROUP_DOMAIN).
 *
 * Information.  Of each name only what differs from the name asked before, left
 * of the domain, is looked at: a constant session, device or zone carries nothing.
 * Nor does a name that is one of the last eight different ones: it is passed over, so
 * that a few names asked again and again in between neither add nor dilute.
 * Its length times its own Shannon entropy is added up.  Short pieces come out too
 * small and letter case is not seen, words come out too large (English has about 1 bit
 * a letter, Shannon 1951): an estimate, and said so.  Addresses written backwards, as block lists
 * are asked, carry nothing.  An hour and a day are kept at their best.
 *
 * Different names are counted by the registers of HyperLogLog (Flajolet et al. 2007), 512
 * of four bits, read as they change (Ting 2014; Cohen 2015, "HIP"): each change
 * adds one over the chance that a new name makes one.  The standard error is
 * sqrt(ln 2 / 512) = 3.7 %, less below some hundred names, up to some million names.
 * Salted with the time of the first question: the same input counts the same,
 * and nobody outside knows the salt.
 *
 * Memory.  One budget, taken at start, about 810 bytes a sheet; see sheets.h.
 * Threads.  A table belongs to one thread while it grows; reading is free.
 */
#pragma once

#include "net/address.h"

enum domain_type {
	DOMAIN_A,
	DOMAIN_AAAA,
	DOMAIN_HTTPS,
	DOMAIN_PTR,
	DOMAIN_SRV,
	DOMAIN_TXT,
	DOMAIN_MX,
	DOMAIN_CNAME,
	DOMAIN_NULL,
	DOMAIN_OTHER,
	DOMAIN_TYPES
};
const char *domain_type_name(enum domain_type type);

enum { DOMAIN_REGISTERS = 512, DOMAIN_NAME_KEPT = 128, DOMAIN_PENDING = 4, DOMAIN_LATELY = 8 };

enum domain_wait { DOMAIN_TOLD, DOMAIN_ASKED, DOMAIN_ANSWERED };

/*
 * A question that may still be answered, an answer whose question may still come
 * (captures are not always in order), or both, which is told already.
 */
struct domain_pending {
	ns_t when;     /* of the message; 0: nothing */
	uint32_t name; /* hash of the name asked for */
	uint16_t id;
	uint16_t out, in; /* bytes of the question, maybe estimated, and of the answer */
	uint8_t rcode;
	uint8_t state; /* enum domain_wait */
};

struct domain_facts {
	struct domain_key {
		struct address host; /* who asks */
		uint8_t zero[3];
		uint32_t domain; /* string table number */
	} key;
	struct address server; /* asked last */
	uint32_t questions, answered;
	uint32_t changes; /* questions for another name than the last DOMAIN_LATELY ones */
	uint32_t failed;  /* answered: no such name, ... */
	uint32_t refused; /* ... or not willing */
	uint32_t outside; /* questions that went to a server outside the fleet */
	uint32_t types[DOMAIN_TYPES];
	uint64_t out_bytes, in_bytes;	     /* of DNS messages */
	uint64_t answer_bytes;		     /* data of answers other than addresses */
	uint64_t name_bytes, name_millibits; /* sums over `changes`: bytes left of the domain,
						and entropy a byte */
	uint64_t bits, best_hour_bits, best_day_bits; /* said by names, as above */
	uint32_t best_hour, best_day;		      /* since 1970 */
	int64_t first_ms, last_ms;
	uint8_t longest_label;

	/* Private to domains.c, but for `pending`. */
	uint8_t sketch[DOMAIN_REGISTERS / 2]; /* two registers a byte */
	double distinct;		      /* names counted so far */
	double fresh; /* chance that a new name changes the sketch, times its registers */
	uint64_t salt, lately[DOMAIN_LATELY]; /* names asked for, the last one first */
	uint8_t lately_count;
	uint64_t hour_bits, day_bits;
	uint32_t hour, day;
	uint8_t last[DOMAIN_NAME_KEPT]; /* what stood left of the domain, the last time */
	uint8_t last_len;
	struct domain_pending pending[DOMAIN_PENDING];
};

_Static_assert(sizeof(struct domain_key) == 24, "a key is hashed whole: no holes");

struct domain_table; /* opaque: sheets.h */

struct domain_table *domain_table_new(size_t budget) MUST_USE; /* NULL: no memory */
void domain_table_free(struct domain_table *table);	       /* NULL is fine */

/* The sheet of this pair, made if there is none; good until the next call. */
struct domain_facts *domain_table_get(struct domain_table *table, const struct address *host,
				      uint32_t domain);
/* NULL if there is none. */
const struct domain_facts *domain_table_find(const struct domain_table *table,
					     const struct address *host, uint32_t domain);

/* Sheets are numbered from 0 below this, in the order in which they were made or given away. */
size_t domain_table_count(const struct domain_table *table);
struct domain_facts *domain_table_at(const struct domain_table *table, size_t number);
uint64_t domain_table_evicted(const struct domain_table *table);

/*
 * A question of type `type` for `name`, whose first `sub_len` characters stand
 * left of the domain and its dot.  `identity` is a hash of the name, any one that
 * stays the same within a run.
 */
void domain_note_question(struct domain_facts *facts, const char *name, size_t name_len,
			  size_t sub_len, uint64_t identity, uint16_t type, uint32_t bytes,
			  ns_t when);

/* How many different names were asked for, estimated. */
double domain_distinct(const struct domain_facts *facts);

/*
 * Bytes that names carried out in all and on the best day: the sums above, less what
 * comes of names asked again.
 */
double domain_carried(const struct domain_facts *facts, uint64_t bits);
