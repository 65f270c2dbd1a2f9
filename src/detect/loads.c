/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/loads.h"

#include <errno.h>

/* All of them, those of one host together, and among them in the order of the lanes. */
struct entry {
	const struct load *load;
	size_t source;
};

static int by_host(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = address_compare(&x->load->host, &y->load->host);

	return c ? c : (x->source > y->source) - (x->source < y->source);
}

static size_t list_loads(const struct fleet_source *sources, size_t count, struct entry *out)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		size_t most = sources[i].loads ? load_count(sources[i].loads) : 0;

		for (size_t k = 0; k < most; k++) {
			if (out)
				out[n] = (struct entry){load_get(sources[i].loads, k), i};
			n++;
		}
	}
	return n;
}

static size_t run_length(const struct entry *entries, size_t n)
{
	size_t len = 1;

	while (len < n && address_equal(&entries[len].load->host, &entries[0].load->host))
		len++;
	return len;
}

static const struct load *merge(const struct entry *run, size_t len, struct load *room)
{
	*room = *run[0].load;
	for (size_t i = 1; i < len; i++)
		load_add(room, run[i].load);
	return room;
}

/* Both lists are in the order of addresses: walk them side by side. */
static void match(struct fleet *f, const struct entry *entries, size_t n, struct load *room)
{
	size_t at = 0;

	for (size_t i = 0; i < f->group_count; i++) {
		const struct group *g = &f->groups[i];
		const struct address *host = &g->timeline->key.host;
		size_t len;

		if (i && g->host == f->groups[i - 1].host)
			continue;
		while (at < n && address_compare(&entries[at].load->host, host) < 0)
			at++;
		if (at == n)
			return;
		if (!address_equal(&entries[at].load->host, host))
			continue;
		len = run_length(&entries[at], n - at);
		f->loads.of[g->host] =
			len == 1 ? entries[at].load : merge(&entries[at], len, room++);
		at += len;
	}
}

/* How many hosts were seen by more than one lane. */
static size_t count_shared(const struct entry *entries, size_t n)
{
	size_t shared = 0;

	for (size_t i = 0, len; i < n; i += len) {
		len = run_length(&entries[i], n - i);
		shared += len > 1;
	}
	return shared;
}

int loads_join(const struct fleet_source *sources, size_t count, struct fleet *f)
{
	size_t n = list_loads(sources, count, NULL), shared;
	struct entry *entries = calloc(n + 1, sizeof(*entries));

	f->loads.of = calloc(f->hosts + 1, sizeof(const struct load *));
	if (!entries || !f->loads.of) {
		free(entries);
		return -ENOMEM;
	}
	list_loads(sources, count, entries);
	qsort(entries, n, sizeof(*entries), by_host);
	shared = count_shared(entries, n);
	f->loads.merged = calloc(shared + 1, sizeof(*f->loads.merged));
	if (f->loads.merged)
		match(f, entries, n, f->loads.merged);
	free(entries);
	return f->loads.merged ? 0 : -ENOMEM;
}

void loads_fini(struct fleet_loads *l)
{
	free((void *)l->of);
	free(l->merged);
	*l = (struct fleet_loads){0};
}
