/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works
 * ============
 *
 * Three arrays share the budget: `timelines` (one per group), `chunks` (64
 * bytes of encoded calls each, chained) and `index` (open addressing, linear
 * probing, at most half full).  Timeline and chunk numbers are one-based
 * inside, so that 0 can mean "none" in zeroed memory.  The kernel hands out
 * pages only when they are touched, so a generous budget costs nothing until
 * it is used; for the same reason the index uses only as much of its array as
 * the groups so far need, and doubles that in place: a small index stays in
 * the processor's caches.
 *
 * A call is four variable-length integers, seven bits to the byte: start
 * against the previous start (zigzag, as calls may arrive out of order),
 * duration, bytes out, bytes in.
 *
 * Who goes first?  Each group is in a class; within a class they are listed by
 * the time of their last call.  The victim is the head of the lowest class.
 * The class grows with the logarithm of the number of calls: a flood of chance
 * contacts evicts itself.  It stops growing at 512 calls unless the gaps look
 * even (Shinomoto's local variation below 0.5; a Poisson process has 1).  Even
 * groups stand four classes higher, so that from 64 calls on no flood of uneven
 * ones, busy as they may be, moves them; and when all that is left is more
 * suspect than a group that grows, that group's calls go without a time.
 */
#include "timeline/timeline.h"

#include "base/hash.h"
#include "base/spans.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

enum { CHUNK_BYTES = 60, CLASSES = 16, INDEX_LEAST = 1024, NAMES = TIMELINE_NAMES_MAX };

#define NUMBERS_MOST ((size_t)UINT32_MAX / 4) /* groups and chunks have 32-bit numbers */

struct chunk {
	uint32_t next;
	uint8_t bytes[CHUNK_BYTES];
};

struct list {
	uint32_t oldest, newest;
};

/* A place in the index; the tag tells most strangers apart without a look at their group. */
struct place {
	uint32_t timeline; /* 0: free */
	uint32_t tag;
};

struct timeline_table {
	struct hash_key hash_key;
	struct timeline *timelines;
	struct chunk *chunks;
	struct place *index;
	size_t timelines_max, chunks_max, index_max, index_mask;
	uint32_t timelines_used, chunks_used; /* high-water marks */
	uint32_t free_timeline, free_chunk;
	struct list class[CLASSES];
	struct timeline_stats stats;
};

/*
 * Big pages where the kernel has them: groups are visited in no order at all.  Not
 * for the beginning: a table with little in it should take little.
 */
enum { PLAIN_BYTES = 2 << 20 };

static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (bytes > PLAIN_BYTES)
		(void)madvise((char *)p + PLAIN_BYTES, bytes - PLAIN_BYTES, MADV_HUGEPAGE);
	return p;
}

static void unreserve(void *p, size_t bytes)
{
	if (p)
		munmap(p, bytes);
}

/* A third of the budget for groups and their index, the rest for calls. */
struct timeline_table *timeline_table_new(size_t budget)
{
	struct timeline_table *t = calloc(1, sizeof(*t));
	size_t index_size = INDEX_LEAST;

	if (!t)
		return NULL;
	t->hash_key = hash_key_new();
	t->timelines_max = budget / 3 / (sizeof(*t->timelines) + 4 * sizeof(*t->index));
	if (t->timelines_max < 16)
		t->timelines_max = 16;
	if (t->timelines_max > NUMBERS_MOST)
		t->timelines_max = NUMBERS_MOST;
	while (index_size < 2 * t->timelines_max)
		index_size *= 2;
	t->index_max = index_size;
	t->index_mask = INDEX_LEAST - 1;
	t->chunks_max = budget / 3 * 2 / sizeof(*t->chunks);
	if (t->chunks_max < 64)
		t->chunks_max = 64;
	if (t->chunks_max > NUMBERS_MOST)
		t->chunks_max = NUMBERS_MOST;
	t->timelines = reserve((t->timelines_max + 1) * sizeof(*t->timelines));
	t->chunks = reserve((t->chunks_max + 1) * sizeof(*t->chunks));
	t->index = reserve(index_size * sizeof(*t->index));
	if (!t->timelines || !t->chunks || !t->index) {
		timeline_table_free(t);
		return NULL;
	}
	return t;
}

void timeline_table_free(struct timeline_table *t)
{
	if (!t)
		return;
	unreserve(t->timelines, (t->timelines_max + 1) * sizeof(*t->timelines));
	unreserve(t->chunks, (t->chunks_max + 1) * sizeof(*t->chunks));
	unreserve(t->index, t->index_max * sizeof(*t->index));
	free(t);
}

static void class_unlink(struct timeline_table *t, uint32_t n)
{
	struct timeline *tl = &t->timelines[n];
	struct list *l = &t->class[tl->class];

	*(tl->older ? &t->timelines[tl->older].newer : &l->oldest) = tl->newer;
	*(tl->newer ? &t->timelines[tl->newer].older : &l->newest) = tl->older;
}

static void class_append(struct timeline_table *t, uint32_t n)
{
	struct timeline *tl = &t->timelines[n];
	struct list *l = &t->class[tl->class];

	tl->older = l->newest;
	tl->newer = 0;
	*(l->newest ? &t->timelines[l->newest].newer : &l->oldest) = n;
	l->newest = n;
}

static uint64_t hash_of(const struct timeline_table *t, const struct timeline_key *key)
{
	return hash_bytes(&t->hash_key, key, sizeof(*key));
}

/* The place of `key`, or the free place where it belongs. */
static size_t find(const struct timeline_table *t, const struct timeline_key *key, uint64_t hash)
{
	size_t i = hash & t->index_mask;
	uint32_t tag = (uint32_t)(hash >> 32);

	for (; t->index[i].timeline; i = (i + 1) & t->index_mask)
		if (t->index[i].tag == tag &&
		    !memcmp(&t->timelines[t->index[i].timeline].key, key, sizeof(*key)))
			break;
	return i;
}

/* Knuth, TAOCP vol. 3, 6.4, algorithm R: shift back instead of tombstones. */
static void index_remove(struct timeline_table *t, size_t hole)
{
	for (size_t i = (hole + 1) & t->index_mask; t->index[i].timeline;
	     i = (i + 1) & t->index_mask) {
		const struct timeline *tl = &t->timelines[t->index[i].timeline];
		size_t home = hash_of(t, &tl->key) & t->index_mask;

		if (((i - home) & t->index_mask) >= ((i - hole) & t->index_mask)) {
			t->index[hole] = t->index[i];
			hole = i;
		}
	}
	t->index[hole] = (struct place){0};
}

static void evict(struct timeline_table *t, uint32_t n)
{
	struct timeline *tl = &t->timelines[n];

	index_remove(t, find(t, &tl->key, hash_of(t, &tl->key)));
	class_unlink(t, n);
	if (tl->last_chunk) {
		t->chunks[tl->last_chunk].next = t->free_chunk;
		t->free_chunk = tl->first_chunk;
	}
	t->stats.groups--;
	t->stats.evicted++;
	t->stats.evicted_calls += tl->calls;
	tl->live = false;
	tl->newer = t->free_timeline;
	t->free_timeline = n;
}

/* The least suspect group that is not `spare`; 0 if there is none. */
static uint32_t least_suspect(const struct timeline_table *t, uint32_t spare)
{
	for (int c = 0; c < CLASSES; c++)
		for (uint32_t n = t->class[c].oldest; n; n = t->timelines[n].newer)
			if (n != spare)
				return n;
	return 0;
}

static void index_insert(struct timeline_table *t, uint32_t n, uint64_t hash)
{
	t->index[find(t, &t->timelines[n].key, hash)] =
		(struct place){.timeline = n, .tag = (uint32_t)(hash >> 32)};
}

static void index_grow(struct timeline_table *t)
{
	memset(t->index, 0, (t->index_mask + 1) * sizeof(*t->index));
	t->index_mask = 2 * t->index_mask + 1;
	for (uint32_t n = 1; n <= t->timelines_used; n++)
		if (t->timelines[n].live)
			index_insert(t, n, hash_of(t, &t->timelines[n].key));
}

static uint32_t new_timeline(struct timeline_table *t, const struct timeline_key *key,
			     uint64_t hash)
{
	uint32_t n;

	if (!t->free_timeline && t->timelines_used == t->timelines_max)
		evict(t, least_suspect(t, 0));
	if (t->free_timeline) {
		n = t->free_timeline;
		t->free_timeline = t->timelines[n].newer;
	} else {
		n = ++t->timelines_used;
	}
	t->timelines[n] = (struct timeline){.key = *key, .live = true};
	if (2 * t->stats.groups > t->index_mask && t->index_mask + 1 < t->index_max)
		index_grow(t); /* takes in this one, too */
	else
		index_insert(t, n, hash);
	class_append(t, n);
	t->stats.groups++;
	return n;
}

static uint32_t new_chunk(struct timeline_table *t, uint32_t spare)
{
	uint32_t n;

	while (!t->free_chunk && t->chunks_used == t->chunks_max) {
		uint32_t victim = least_suspect(t, spare);

		if (!victim || (t->timelines[victim].even &&
				t->timelines[victim].class > t->timelines[spare].class))
			return 0;
		evict(t, victim);
	}
	if (t->free_chunk) {
		n = t->free_chunk;
		t->free_chunk = t->chunks[n].next;
	} else {
		n = ++t->chunks_used;
	}
	t->chunks[n].next = 0;
	return n;
}

static size_t put_varint(uint8_t *out, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		out[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	out[len++] = (uint8_t)value;
	return len;
}

static uint64_t zigzag(int64_t value)
{
	return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static uint32_t clamp32(uint64_t value)
{
	return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* Append encoded bytes to the chain of timeline `n`; false if no chunk could be had. */
static bool append_bytes(struct timeline_table *t, uint32_t n, const uint8_t *bytes, size_t len)
{
	struct timeline *tl = &t->timelines[n];
	size_t room = tl->last_chunk ? CHUNK_BYTES - tl->chunk_used : 0;
	size_t here = len < room ? len : room;
	uint32_t next = 0;

	if (here < len) {
		next = new_chunk(t, n);
		if (!next)
			return false;
	}
	if (here) {
		memcpy(t->chunks[tl->last_chunk].bytes + tl->chunk_used, bytes, here);
		tl->chunk_used += (uint32_t)here;
	}
	if (next) {
		*(tl->last_chunk ? &t->chunks[tl->last_chunk].next : &tl->first_chunk) = next;
		tl->last_chunk = next;
		memcpy(t->chunks[next].bytes, bytes + here, len - here);
		tl->chunk_used = (uint32_t)(len - here);
	}
	return true;
}

static void keep_call(struct timeline_table *t, uint32_t n, const struct flow *flow,
		      int64_t start_ms, uint32_t duration_ms)
{
	struct timeline *tl = &t->timelines[n];
	uint8_t bytes[32];
	size_t len = 0;

	if (tl->kept == TIMELINE_CALLS_MAX) {
		t->stats.untimed++;
		return;
	}
	len += put_varint(bytes + len, zigzag(start_ms - tl->filed_ms));
	len += put_varint(bytes + len, duration_ms);
	len += put_varint(bytes + len, clamp32(flow->out_payload));
	len += put_varint(bytes + len, clamp32(flow->in_payload));
	if (!append_bytes(t, n, bytes, len)) {
		t->stats.untimed++;
		return;
	}
	tl->kept++;
	tl->filed_ms = start_ms;
}

/*
 * Running mean of 3 ((a - b) / (a + b))^2 over successive gaps of a second or more:
 * of all at first, then of some 64, so that chance contacts seldom look even.
 */
static void note_gap(struct timeline *tl, int64_t start_ms)
{
	enum { WEIGHT = 32 };
	float gap = (float)(start_ms - tl->last_ms), evenness;
	uint32_t weight = tl->calls - 1 < WEIGHT ? tl->calls - 1 : WEIGHT;

	if (gap < 1000)
		return;
	if (tl->gap_ms > 0) {
		evenness = (gap - tl->gap_ms) / (gap + tl->gap_ms);
		tl->unevenness += (3 * evenness * evenness - tl->unevenness) / (float)weight;
	} else {
		tl->unevenness = 1;
	}
	tl->gap_ms = gap;
}

/* What was even stays so through a few odd gaps. */
static bool is_even(const struct timeline *tl)
{
	return tl->calls >= 6 && tl->gap_ms > 0 && tl->unevenness < (tl->even ? 0.75f : 0.5f);
}

static uint8_t class_of(const struct timeline *tl)
{
	enum { UNEVEN_MOST = 9, EVEN_LEAD = 4 };
	int class = tl->keep ? CLASSES : 31 - __builtin_clz(tl->calls);

	if (tl->even)
		class += EVEN_LEAD;
	else if (!tl->keep && class > UNEVEN_MOST)
		class = UNEVEN_MOST;
	return (uint8_t)(class < CLASSES ? class : CLASSES - 1);
}

static void note_name(struct timeline *tl, uint32_t name)
{
	if (!name)
		return;
	for (int i = 0; i < NAMES; i++) {
		if (tl->names[i] == name)
			return;
		if (!tl->names[i]) {
			tl->names[i] = name;
			return;
		}
	}
}

static void note_app(struct timeline *tl, const struct flow *flow)
{
	switch (flow->app) {
	case APP_TLS:
	case APP_QUIC:
		tl->tls++;
		break;
	case APP_DNS:
		tl->dns += flow->tuple.dst_port == 53; /* elsewhere it vouches for nothing */
		break;
	case APP_NTP:
		tl->ntp++;
		break;
	default:
		break;
	}
	if (flow->app != APP_UNKNOWN)
		tl->app = flow->app;
	tl->claims |= flow->claims;
	if (flow->fingerprint)
		tl->fingerprint = flow->fingerprint;
	tl->no_sni += (flow->claims & CLAIM_NO_SNI) != 0;
	tl->host_is_address += (flow->claims & CLAIM_HOST_IS_ADDRESS) != 0;
	tl->other_protocol += (flow->claims & CLAIM_OTHER_PROTOCOL) != 0;
	if (flow->claims & CLAIM_PROXIED) {
		tl->proxied++;
		tl->proxied_port = flow->proxied_port;
	}
}

/* Once for each connection, with its last burst. */
static void note_connection(struct timeline *tl, const struct flow *flow, bool connected)
{
	if (flow->end == FLOW_END_BURST)
		return;
	tl->connections += connected;
	tl->open += flow->end == FLOW_END_INPUT;
	tl->turns += flow->bursts;
	tl->led += flow->led;
	tl->remote_first += (flow->claims & CLAIM_REMOTE_FIRST) != 0;
}

static void note_answer(struct timeline *tl, const struct flow *flow)
{
	tl->answered += flow->answer == ANSWER_YES;
	tl->refused += flow->answer == ANSWER_REFUSED;
	tl->unanswered += flow->answer == ANSWER_NONE;
}

static void note_sums(struct timeline *tl, const struct flow *flow, uint64_t connected_ns)
{
	uint32_t connected_ms = clamp32(connected_ns / (uint64_t)NS_PER_MS);

	tl->out_bytes += flow->out_bytes;
	tl->in_bytes += flow->in_bytes;
	tl->out_payload += flow->out_payload;
	tl->in_payload += flow->in_payload;
	tl->out_packets += flow->out_packets;
	tl->total_ms += connected_ms;
	if (connected_ms > tl->longest_ms)
		tl->longest_ms = connected_ms;
	if (tl->addresses == 0 || !address_equal(&tl->last.dst, &flow->tuple.dst))
		tl->addresses++;
	tl->last = flow->tuple;
}

void timeline_add(struct timeline_table *t, const struct timeline_key *key, const struct flow *flow,
		  const struct timeline_marks *marks)
{
	uint64_t hash = hash_of(t, key);
	uint32_t n = t->index[find(t, key, hash)].timeline;
	int64_t start_ms = ns_to_ms(flow->first);
	uint64_t length_ns =
		flow->last > flow->first ? (uint64_t)flow->last - (uint64_t)flow->first : 0;
	uint32_t duration_ms = clamp32(length_ns / (uint64_t)NS_PER_MS);
	struct timeline *tl;
	uint8_t class;

	if (!n)
		n = new_timeline(t, key, hash);
	tl = &t->timelines[n];
	keep_call(t, n, flow, start_ms, duration_ms);
	if (tl->calls > 0)
		note_gap(tl, start_ms);
	if (tl->calls == 0 || start_ms < tl->first_ms)
		tl->first_ms = start_ms;
	if (tl->calls == 0 || start_ms > tl->last_ms)
		tl->last_ms = start_ms;
	if (tl->calls < UINT32_MAX)
		tl->calls++;
	note_sums(tl, flow, marks->connected_ns);
	note_answer(tl, flow);
	note_connection(tl, flow, marks->connected);
	note_app(tl, flow);
	note_name(tl, marks->name);
	tl->lookups_visible += marks->lookups_visible;
	tl->looked_up += marks->looked_up;
	tl->confirmed += marks->confirmed;
	tl->contradicted += marks->contradicted;
	tl->listed_calls += marks->listed != 0;
	if (marks->listed > tl->listed)
		tl->listed = marks->listed;
	tl->keep |= marks->keep;

	tl->even = is_even(tl);
	class = class_of(tl);
	class_unlink(t, n);
	tl->class = class;
	class_append(t, n);
}

bool timeline_copy(struct timeline_table *to, const struct timeline_table *from,
		   const struct timeline *timeline)
{
	uint64_t hash = hash_of(to, &timeline->key);
	uint32_t n = new_timeline(to, &timeline->key, hash), chunk = timeline->first_chunk;
	struct timeline *tl = &to->timelines[n];
	bool whole = true;

	class_unlink(to, n);
	*tl = *timeline;
	tl->first_chunk = tl->last_chunk = tl->chunk_used = 0;
	class_append(to, n);
	for (; chunk && whole; chunk = from->chunks[chunk].next) {
		bool last = chunk == timeline->last_chunk;

		whole = append_bytes(to, n, from->chunks[chunk].bytes,
				     last ? timeline->chunk_used : CHUNK_BYTES);
		if (last)
			break;
	}
	if (!whole) /* calls cut in the middle cannot be read */
		tl->kept = 0;
	return whole;
}

static void join_sums(struct timeline *sum, const struct timeline *part)
{
	sum->calls += part->calls;
	sum->kept += part->kept;
	sum->out_bytes += part->out_bytes;
	sum->in_bytes += part->in_bytes;
	sum->out_payload += part->out_payload;
	sum->in_payload += part->in_payload;
	sum->out_packets += part->out_packets;
	sum->total_ms += part->total_ms;
	sum->answered += part->answered;
	sum->refused += part->refused;
	sum->unanswered += part->unanswered;
	sum->lookups_visible += part->lookups_visible;
	sum->looked_up += part->looked_up;
	sum->confirmed += part->confirmed;
	sum->other_protocol += part->other_protocol;
	sum->tls += part->tls;
	sum->no_sni += part->no_sni;
	sum->host_is_address += part->host_is_address;
	sum->dns += part->dns;
	sum->ntp += part->ntp;
	sum->proxied += part->proxied;
	sum->claims |= part->claims;
	sum->addresses += part->addresses;
}

void timeline_join(struct timeline *sum, const struct timeline *part)
{
	bool first = sum->calls == 0;

	if (first || part->first_ms < sum->first_ms)
		sum->first_ms = part->first_ms;
	if (first || part->last_ms > sum->last_ms) {
		sum->last_ms = part->last_ms;
		sum->last = part->last;
		sum->proxied_port = part->proxied_port;
		if (part->app)
			sum->app = part->app;
		if (part->fingerprint)
			sum->fingerprint = part->fingerprint;
	}
	if (part->longest_ms > sum->longest_ms)
		sum->longest_ms = part->longest_ms;
	join_sums(sum, part);
	for (int i = 0; i < NAMES; i++)
		note_name(sum, part->names[i]);
}

size_t timeline_count(const struct timeline_table *t)
{
	return t->timelines_used;
}

const struct timeline *timeline_get(const struct timeline_table *t, size_t number)
{
	CHECK(number < t->timelines_used);
	return t->timelines[number + 1].live ? &t->timelines[number + 1] : NULL;
}

/* Reads a chain of chunks as one run of bytes. */
struct chain {
	const struct timeline_table *table;
	uint32_t chunk;
	size_t used;
};

static uint64_t get_varint(struct chain *c)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (c->used == CHUNK_BYTES) {
			c->chunk = c->table->chunks[c->chunk].next;
			c->used = 0;
		}
		byte = c->table->chunks[c->chunk].bytes[c->used++];
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

static int by_start(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	if (x->duration_ms != y->duration_ms)
		return x->duration_ms < y->duration_ms ? -1 : 1;
	if (x->out != y->out)
		return x->out < y->out ? -1 : 1;
	return (x->in > y->in) - (x->in < y->in);
}

void timeline_calls(const struct timeline_table *t, const struct timeline *tl, struct call *out)
{
	struct chain chain = {.table = t, .chunk = tl->first_chunk};
	int64_t start = 0;

	for (uint32_t i = 0; i < tl->kept; i++) {
		start += unzigzag(get_varint(&chain));
		out[i].start_ms = start;
		out[i].duration_ms = (uint32_t)get_varint(&chain);
		out[i].out = (uint32_t)get_varint(&chain);
		out[i].in = (uint32_t)get_varint(&chain);
	}
	for (uint32_t i = 1; i < tl->kept; i++) {
		if (by_start(&out[i - 1], &out[i]) > 0) { /* rare: flows mostly end in order */
			qsort(out, tl->kept, sizeof(*out), by_start);
			return;
		}
	}
}

size_t timeline_room(const struct timeline_table *t)
{
	return t->timelines_max * sizeof(*t->timelines) + t->chunks_max * sizeof(*t->chunks) +
	       t->index_max * sizeof(*t->index);
}

struct timeline_stats timeline_stats(const struct timeline_table *t)
{
	return t->stats;
}
