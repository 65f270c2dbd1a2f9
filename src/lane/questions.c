/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/questions.h"

#include "base/hash.h"
#include "proto/domain.h"

#include <netinet/in.h>
#include <string.h>

enum {
	MEMO = 1024, /* names that were asked for lately, and whose they are */
	PORT_DNS = 53,
	CLASS_INTERNET = 1,
	CLASS_MASK = 0x7fff,
	RCODE_NO_NAME = 3,
	HEADER = 12,
	QUESTION_REST = 2 + 4, /* around a name: its first length, its end, type and class */
	RECORD = 12	       /* of an answer, but for its data: a pointer, type, class ... */
};

/* A name's hash, which is as good as the name, and where its registered domain is. */
struct memo {
	uint64_t hash;
	uint32_t domain;
	uint16_t start;
};

struct questions {
	const struct home *home;
	struct string_table *names;
	struct timeline_table *calls;
	struct domain_table *facts;
	struct hash_key key;
	struct memo memo[MEMO];
};

struct questions *questions_new(const struct home *home, struct string_table *names,
				size_t calls_budget, size_t facts_budget)
{
	struct questions *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->home = home;
	q->names = names;
	q->calls = timeline_table_new(calls_budget);
	q->facts = domain_table_new(facts_budget);
	q->key = hash_key_new();
	if (!q->calls || !q->facts) {
		questions_free(q);
		return NULL;
	}
	return q;
}

void questions_free(struct questions *q)
{
	if (!q)
		return;
	timeline_table_free(q->calls);
	domain_table_free(q->facts);
	free(q);
}

/* One question and what came of it. */
struct talk {
	const struct tuple *ends;
	const char *name;
	size_t name_len;
	uint16_t type, rcode;
	uint32_t out, in; /* bytes of the messages */
	ns_t asked, answered_at;
	bool answered;
};

/* A name that nobody can have registered is the server's own: it stands for "." as a whole. */
static void find_owner(struct questions *q, const char *name, size_t len, bool outside,
		       struct memo *m)
{
	size_t start;

	if (domain_is_reverse(name, len))
		return;
	if (outside && domain_is_made_up(name, len)) {
		m->start = (uint16_t)(len + 1);
		m->domain = string_table_add(q->names, ".", 1);
		return;
	}
	start = domain_start(name, len);
	if (start == len)
		return;
	m->start = (uint16_t)start;
	m->domain = string_table_add(q->names, name + start, len - start);
}

/* Whose name it is; `domain` 0: nobody's that matters. */
static const struct memo *owner_of(struct questions *q, const struct talk *talk)
{
	bool outside = !home_contains(q->home, &talk->ends->dst);
	uint64_t hash = hash_bytes(&q->key, talk->name, talk->name_len) + outside;
	struct memo *m = &q->memo[hash % MEMO];

	if (m->hash == hash)
		return m;
	*m = (struct memo){.hash = hash};
	find_owner(q, talk->name, talk->name_len, outside, m);
	if (!m->domain)
		m->hash = 0; /* there was no room for it: that may not be remembered as nobody's */
	return m;
}

static enum flow_answer answer_of(const struct talk *talk)
{
	if (!talk->answered)
		return ANSWER_NONE;
	return talk->rcode == 0 || talk->rcode == RCODE_NO_NAME ? ANSWER_YES : ANSWER_REFUSED;
}

/* IP and UDP headers around it, as in other groups. */
static uint32_t on_the_wire(const struct tuple *ends, uint32_t bytes)
{
	enum { V4 = 28, V6 = 48 };

	return bytes ? bytes + (ends->src.version == 6 ? V6 : V4) : 0;
}

static void file_call(struct questions *q, const struct talk *talk, uint32_t domain)
{
	struct timeline_key key = {
		.host = talk->ends->src,
		.network = talk->ends->network,
		.name = domain,
		.grouping = GROUP_DOMAIN,
	};
	struct timeline_marks marks = {.name = domain};
	struct flow flow = {
		.tuple = *talk->ends,
		.first = talk->asked,
		.last = talk->answered ? talk->answered_at : talk->asked,
		.out_bytes = on_the_wire(talk->ends, talk->out),
		.in_bytes = on_the_wire(talk->ends, talk->in),
		.out_payload = talk->out,
		.in_payload = talk->in,
		.out_packets = 1,
		.app = APP_DNS,
		.answer = (uint8_t)answer_of(talk),
	};

	timeline_add(q->calls, &key, &flow, &marks);
}

static bool is_looked_at(const struct questions *q, const struct talk *talk)
{
	return talk->name_len && home_contains(q->home, &talk->ends->src) &&
	       (!domain_is_private(talk->name, talk->name_len) ||
		!home_contains(q->home, &talk->ends->dst));
}

static void note_question(const struct questions *q, struct domain_facts *f,
			  const struct talk *talk, const struct memo *owner)
{
	f->server = talk->ends->dst;
	f->outside += !home_contains(q->home, &talk->ends->dst);
	domain_note_question(f, talk->name, talk->name_len, owner->start ? owner->start - 1u : 0,
			     owner->hash, talk->type, talk->out, talk->asked);
}

static void note_answer(struct domain_facts *f, const struct talk *talk, uint32_t other_bytes)
{
	f->answered++;
	f->failed += talk->rcode == RCODE_NO_NAME;
	f->refused += talk->rcode != 0 && talk->rcode != RCODE_NO_NAME;
	f->in_bytes += talk->in;
	f->answer_bytes += other_bytes;
}

static uint16_t short_of(uint32_t bytes)
{
	return bytes > UINT16_MAX ? UINT16_MAX : (uint16_t)bytes;
}

/* What waited in vain: a call as far as it was seen. */
static void file_half(struct questions *q, const struct tuple *ends, uint32_t domain,
		      struct domain_pending *p)
{
	struct talk half = {
		.ends = ends,
		.rcode = p->rcode,
		.out = p->out,
		.in = p->in,
		.asked = p->when,
		.answered_at = p->when,
		.answered = p->state == DOMAIN_ANSWERED,
	};

	if (p->when && p->state != DOMAIN_TOLD)
		file_call(q, &half, domain);
	*p = (struct domain_pending){0};
}

/* What is told gives way first, then the oldest. */
static bool gives_way(const struct domain_pending *p, const struct domain_pending *other)
{
	bool told = p->state == DOMAIN_TOLD, other_told = other->state == DOMAIN_TOLD;

	return told != other_told ? told : p->when < other->when;
}

/* The other half may come; if there is no room, another one waits in vain. */
static void wait(struct questions *q, struct domain_facts *f, const struct talk *talk,
		 const struct domain_pending *half)
{
	struct domain_pending *p = f->pending, *place = p;

	for (int i = 1; i < DOMAIN_PENDING; i++)
		if (gives_way(&p[i], place))
			place = &p[i];
	file_half(q, talk->ends, f->key.domain, place);
	*place = *half;
	place->when = half->when ? half->when : 1;
}

/*
 * What else was said under this number about this name within so short a time that
 * resolvers still repeat themselves (after 5 s once, by resolv.conf; up to 10 s on Windows).
 */
static struct domain_pending *find_half(struct domain_facts *f, const struct domain_pending *half)
{
	static const ns_t repeats = 12 * NS_PER_SEC;

	for (int i = 0; i < DOMAIN_PENDING; i++) {
		struct domain_pending *p = &f->pending[i];
		ns_t apart = p->when < half->when ? half->when - p->when : p->when - half->when;

		if (p->when && p->id == half->id && p->name == half->name && apart <= repeats)
			return p;
	}
	return NULL;
}

/* What a plain question for this name takes. */
static uint32_t question_bytes(const struct talk *talk)
{
	uint8_t bytes[DOMAIN_BYTES_MAX];

	return HEADER + QUESTION_REST + (uint32_t)domain_bytes(talk->name, talk->name_len, bytes);
}

/* Asked again, as no answer had come: no other call, though one with more bytes. */
static bool is_repeated(const struct domain_pending *p, const struct domain_pending *half)
{
	return p->state == DOMAIN_ASKED || (p->state == DOMAIN_TOLD && half->when <= p->when);
}

static void take_question(struct questions *q, struct domain_facts *f, struct talk *talk,
			  const struct domain_pending *half, const struct memo *owner)
{
	struct domain_pending *p = find_half(f, half);

	if (p && is_repeated(p, half)) {
		f->out_bytes += talk->out;
		p->out = short_of(p->out + talk->out);
		if (p->state == DOMAIN_ASKED && half->when < p->when)
			p->when = half->when;
		return;
	}
	if (!p || p->state == DOMAIN_TOLD || half->when > p->when) {
		note_question(q, f, talk, owner);
		if (p)
			file_half(q, talk->ends, f->key.domain, p);
		wait(q, f, talk, half);
		return;
	}
	/* its answer was heard first, and noted with what the question may have been */
	f->out_bytes = f->out_bytes - p->out + talk->out;
	talk->answered = true;
	talk->answered_at = p->when;
	talk->in = p->in;
	talk->rcode = p->rcode;
	file_call(q, talk, f->key.domain);
	p->state = DOMAIN_TOLD;
}

static void take_answer(struct questions *q, struct domain_facts *f, struct talk *talk,
			struct domain_pending *half, const struct memo *owner, uint32_t other_bytes)
{
	struct domain_pending *p = find_half(f, half);

	if (p && p->state == DOMAIN_TOLD)
		return; /* said again, as it was asked again */
	note_answer(f, talk, other_bytes);
	if (p && p->state == DOMAIN_ASKED) {
		talk->asked = p->when;
		talk->out = p->out;
		file_call(q, talk, f->key.domain);
		p->when = half->when;
		p->state = DOMAIN_TOLD;
		return;
	}
	talk->out = question_bytes(talk);
	half->out = short_of(talk->out);
	note_question(q, f, talk, owner);
	wait(q, f, talk, half);
}

void questions_message(struct questions *q, const struct tuple *ends, const struct dns_message *m,
		       ns_t when)
{
	struct talk talk = {
		.ends = ends,
		.name = m->question,
		.name_len = m->question_len,
		.type = m->question_type,
		.rcode = m->rcode,
		.out = m->response ? 0 : m->bytes,
		.in = m->response ? m->bytes : 0,
		.asked = when,
		.answered_at = when,
		.answered = m->response,
	};
	struct domain_pending half = {
		.when = when,
		.id = m->id,
		.out = short_of(talk.out),
		.in = short_of(talk.in),
		.rcode = m->rcode,
		.state = m->response ? DOMAIN_ANSWERED : DOMAIN_ASKED,
	};
	const struct memo *owner;
	struct domain_facts *f;

	if ((m->question_class & CLASS_MASK) != CLASS_INTERNET || !is_looked_at(q, &talk))
		return;
	owner = owner_of(q, &talk);
	if (!owner->domain)
		return;
	half.name = (uint32_t)(owner->hash ^ m->question_type);
	f = domain_table_get(q->facts, &ends->src, owner->domain);
	if (m->response)
		take_answer(q, f, &talk, &half, owner, m->other_bytes);
	else
		take_question(q, f, &talk, &half, owner);
}

void questions_row(struct questions *q, const struct input_lookup *l)
{
	struct tuple ends = {
		.src = l->client,
		.dst = l->server,
		.src_port = l->client_port,
		.dst_port = l->server_port,
		.proto = l->proto ? l->proto : IPPROTO_UDP,
	};
	struct talk talk = {
		.ends = &ends,
		.name = l->name,
		.name_len = l->name_len,
		.type = l->type,
		.rcode = l->rcode,
		.asked = l->when,
		.answered_at = l->when,
		.answered = l->answered,
	};
	const struct memo *owner;
	struct domain_facts *f;

	if (l->server_port != PORT_DNS || !is_looked_at(q, &talk))
		return;
	owner = owner_of(q, &talk);
	if (!owner->domain)
		return;
	f = domain_table_get(q->facts, &ends.src, owner->domain);
	talk.out = question_bytes(&talk);
	if (talk.answered)
		talk.in = talk.out + (uint32_t)l->address_count * (RECORD + 4) + l->other_bytes;
	note_question(q, f, &talk, owner);
	if (talk.answered)
		note_answer(f, &talk, l->other_bytes);
	file_call(q, &talk, owner->domain);
}

void questions_flush(struct questions *q)
{
	for (size_t n = 0; n < domain_table_count(q->facts); n++) {
		struct domain_facts *f = domain_table_at(q->facts, n);
		struct tuple ends = {.src = f->key.host,
				     .dst = f->server,
				     .dst_port = PORT_DNS,
				     .proto = IPPROTO_UDP};

		for (int i = 0; i < DOMAIN_PENDING; i++)
			file_half(q, &ends, f->key.domain, &f->pending[i]);
	}
}

const struct timeline_table *questions_calls(const struct questions *q)
{
	return q->calls;
}

const struct domain_table *questions_facts(const struct questions *q)
{
	return q->facts;
}
