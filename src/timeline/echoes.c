/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/echoes.h"

#include "base/hash.h"
#include "timeline/sheets.h"

#include <netinet/in.h>
#include <string.h>

_Static_assert(sizeof(struct echo_key) == 34, "a key is hashed whole: no holes");

struct echo_table {
	struct sheets *sheets;
};

struct echo_table *echo_table_new(size_t budget)
{
	struct echo_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->sheets = sheets_new(budget, sizeof(struct echo_facts), sizeof(struct echo_key),
			       offsetof(struct echo_facts, packets));
	if (!t->sheets) {
		free(t);
		return NULL;
	}
	return t;
}

void echo_table_free(struct echo_table *t)
{
	if (!t)
		return;
	sheets_free(t->sheets);
	free(t);
}

enum kind { REQUEST, REPLY, NEITHER };

/* tuple.h: the type stands where a port would. */
static enum kind kind_of(const struct tuple *t)
{
	enum { REPLY_V4 = 0, REQUEST_V4 = 8, REQUEST_V6 = 128, REPLY_V6 = 129 };
	bool v6 = t->proto == IPPROTO_ICMPV6;

	if (t->src_port == (v6 ? REQUEST_V6 : REQUEST_V4))
		return REQUEST;
	return t->src_port == (v6 ? REPLY_V6 : REPLY_V4) && t->dst_port != 0 ? REPLY : NEITHER;
}

/* Never 0.  Nobody gains by a collision that he could not have by sending the same. */
static uint64_t hash_of(const struct packet *p)
{
	static const struct hash_key fixed = {.k0 = 0x6563686f, .k1 = 1};

	return hash_bytes(&fixed, p->payload, p->payload_captured) | 1;
}

static uint32_t count_changed(const uint8_t *last, size_t last_len, const uint8_t *now, size_t len)
{
	size_t least = len < last_len ? len : last_len;
	size_t changed = len - least;

	for (size_t i = 0; i < least; i++)
		changed += last[i] != now[i];
	return (uint32_t)changed;
}

/* Against the one before of its kind. */
static void compare(struct echo_way *w, enum kind kind, const struct packet *p)
{
	size_t skip = p->payload_captured < ECHO_STAMP ? p->payload_captured : ECHO_STAMP;
	size_t len = p->payload_captured - skip;
	const uint8_t *bytes = p->payload + skip;
	uint32_t before = kind == REQUEST ? w->requests : w->replies, changed;

	if (len > ECHO_KEPT)
		len = ECHO_KEPT;
	if (before > 1) {
		changed = count_changed(w->last[kind], w->last_len[kind], bytes, len);
		w->compared++;
		w->different += changed > 0 || len != w->last_len[kind];
		w->changed_bytes += changed;
	}
	memcpy(w->last[kind], bytes, len);
	w->last_len[kind] = (uint16_t)len;
}

static bool was_asked(const struct echo_way *w, uint64_t hash)
{
	for (int i = 0; i < ECHO_ASKED; i++)
		if (w->asked[i] == hash)
			return true;
	return false;
}

static void note_way(struct echo_way *mine, struct echo_way *theirs, enum kind kind,
		     const struct packet *p)
{
	bool first = mine->requests + mine->replies == 0;
	uint64_t hash;

	*(kind == REQUEST ? &mine->requests : &mine->replies) += 1;
	mine->bytes += p->payload_bytes;
	if (first || p->payload_bytes < mine->shortest)
		mine->shortest = p->payload_bytes;
	if (p->payload_bytes > mine->longest)
		mine->longest = p->payload_bytes;
	if (p->payload_captured < p->payload_bytes || p->payload_captured == 0)
		return;
	compare(mine, kind, p);
	hash = hash_of(p);
	if (kind == REQUEST) {
		mine->asked[mine->requests % ECHO_ASKED] = hash;
	} else {
		mine->checked++;
		mine->unlike += !was_asked(theirs, hash);
	}
}

void echoes_note(struct echo_table *t, const struct address *host, const struct packet *p)
{
	enum kind kind = kind_of(&p->tuple);
	bool out = address_equal(&p->tuple.src, host);
	struct echo_key key = {.host = *host, .other = out ? p->tuple.dst : p->tuple.src};
	struct echo_facts *f;

	if (kind == NEITHER)
		return;
	f = sheets_get(t->sheets, &key);
	f->packets++;
	if (out)
		note_way(&f->out, &f->in, kind, p);
	else
		note_way(&f->in, &f->out, kind, p);
}

const struct echo_facts *echo_table_find(const struct echo_table *t, const struct address *host,
					 const struct address *other)
{
	struct echo_key key = {.host = *host, .other = *other};

	return sheets_find(t->sheets, &key);
}

size_t echo_table_count(const struct echo_table *t)
{
	return sheets_count(t->sheets);
}

const struct echo_facts *echo_table_at(const struct echo_table *t, size_t number)
{
	return sheets_at(t->sheets, number);
}
