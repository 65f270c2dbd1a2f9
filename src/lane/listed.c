/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers are remembered without their time; one that may have run out by now
 * is asked for again.
 */
#include "lane/listed.h"

#include "flow/fingerprint.h"

enum { SLOTS = 2048 };

struct by_address {
	struct address address;
	uint32_t match;
};

struct by_number {
	uint32_t number, match;
};

struct listed {
	const struct intel *intel;
	struct by_address addresses[SLOTS];
	struct by_number names[SLOTS], clients[SLOTS];
};

struct listed *listed_new(const struct intel *intel)
{
	struct listed *l = calloc(1, sizeof(*l));

	if (l)
		l->intel = intel;
	return l;
}

void listed_free(struct listed *l)
{
	free(l);
}

const struct intel *listed_intel(const struct listed *l)
{
	return l->intel;
}

bool listed_is_strong(uint32_t match)
{
	return intel_kind(match) >= INDICATOR_NETWORK;
}

static size_t slot_of(const struct address *a)
{
	uint64_t high, low;

	memcpy(&high, a->bytes, sizeof(high));
	memcpy(&low, a->bytes + 8, sizeof(low));
	return (size_t)(((low ^ high * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93) >> 40) % SLOTS;
}

static uint32_t of_address(struct listed *l, const struct address *address, ns_t when)
{
	struct by_address *slot = &l->addresses[slot_of(address)];

	if (!address_equal(&slot->address, address)) {
		slot->address = *address;
		slot->match = intel_address(l->intel, address, 0);
	}
	if (slot->match && !intel_holds(l->intel, slot->match, when))
		return intel_address(l->intel, address, when);
	return slot->match;
}

static uint32_t of_name(struct listed *l, const struct string_table *names, uint32_t number,
			ns_t when)
{
	struct by_number *slot = &l->names[number % SLOTS];
	const char *name = string_table_get(names, number);

	if (slot->number != number) {
		slot->number = number;
		slot->match = intel_name(l->intel, name, 0);
	}
	if (slot->match && !intel_holds(l->intel, slot->match, when))
		return intel_name(l->intel, name, when);
	return slot->match;
}

static uint32_t stronger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t ask_client(const struct listed *l, const struct string_table *texts,
			   uint32_t number, ns_t when)
{
	struct fingerprint f = fingerprint_get(texts, number);
	const char *ja3 = string_table_get(texts, f.ja3), *ja4 = string_table_get(texts, f.ja4);
	uint32_t match = intel_text(l->intel, INDICATOR_JA4, ja4, strlen(ja4), when);

	if (!match)
		match = intel_text(l->intel, INDICATOR_JA3, ja3, strlen(ja3), when);
	return stronger(match, f.listed);
}

static uint32_t of_client(struct listed *l, const struct string_table *texts, uint32_t number,
			  ns_t when)
{
	struct by_number *slot = &l->clients[number % SLOTS];

	if (slot->number != number) {
		slot->number = number;
		slot->match = ask_client(l, texts, number, 0);
	}
	if (slot->match && !intel_holds(l->intel, slot->match, when))
		return ask_client(l, texts, number, when);
	return slot->match;
}

uint32_t listed_call(struct listed *l, const struct listed_call *call)
{
	const struct flow *flow = call->flow;
	uint32_t match = 0;

	if (!call->proxied)
		match = stronger(match, of_address(l, &flow->tuple.dst, flow->first));
	if (call->name)
		match = stronger(match, of_name(l, call->names, call->name, flow->first));
	if (flow->fingerprint)
		match = stronger(match,
				 of_client(l, call->fingerprints, flow->fingerprint, flow->first));
	return match;
}

uint32_t listed_lookup(struct listed *l, const struct input_lookup *lookup)
{
	char name[256];
	uint32_t match = 0;

	if (lookup->name_len && lookup->name_len < sizeof(name)) {
		memcpy(name, lookup->name, lookup->name_len);
		name[lookup->name_len] = '\0';
		match = intel_name(l->intel, name, lookup->when);
	}
	for (size_t i = 0; i < lookup->address_count; i++)
		match = stronger(match, of_address(l, &lookup->addresses[i], lookup->when));
	return listed_is_strong(match) ? match : 0;
}
