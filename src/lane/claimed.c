/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/claimed.h"

#include <string.h>

_Static_assert(sizeof(struct claimed) == 28, "it is kept whole: it must have no holes");

/* "host:80" is "host": a list leaves the default port out. */
static struct text without_default_port(struct text host)
{
	if (host.len > 3 && !memcmp(host.at + host.len - 3, ":80", 3))
		host.len -= 3;
	return host;
}

uint32_t claimed_page(const struct intel *intel, struct text host, struct text asked, ns_t when)
{
	char url[INDICATOR_TEXT_MAX];
	const char *slashes = asked.len ? memmem(asked.at, asked.len, "://", 3) : NULL;

	if (!intel_has(intel, INDICATOR_URL) || !asked.len)
		return 0;
	if (asked.at[0] != '/' && slashes) { /* a whole URL */
		const char *end = asked.at + asked.len, *slash;

		slash = memchr(slashes + 3, '/', (size_t)(end - slashes - 3));
		if (!slash)
			return 0;
		asked = (struct text){slash, (size_t)(end - slash)};
	}
	host = without_default_port(host);
	if (!host.len || host.len + asked.len > sizeof(url))
		return 0;
	memcpy(url, host.at, host.len);
	memcpy(url + host.len, asked.at, asked.len);
	return intel_url(intel, url, host.len + asked.len, when);
}

/* SHA-1 or SHA-256 in hex, as a list has it. */
static uint32_t certificate(const struct intel *intel, struct text hex, ns_t when)
{
	struct indicator_key key;

	if (!intel_has(intel, INDICATOR_CERTIFICATE) || !hex.len ||
	    indicator_parse_as(INDICATOR_CERTIFICATE, hex.at, hex.len, &key))
		return 0;
	return intel_certificate(intel, key.bytes + 1, key.len - 1, when);
}

static uint32_t keep_text(struct string_table *table, struct text text)
{
	return string_table_add(table, text.at, text.len);
}

static uint32_t keep(struct string_table *table, const struct claimed *claimed)
{
	return string_table_add(table, (const char *)claimed, sizeof(*claimed));
}

uint32_t claimed_keep(struct string_table *table, const struct intel *intel,
		      const struct input_claim *c)
{
	uint32_t page = claimed_page(intel, c->host, c->uri, c->when);
	uint32_t of_certificate = certificate(intel, c->certificate, c->when);
	struct claimed claimed = {
		.name = string_table_add(table, c->name, c->name_len),
		.ja3 = keep_text(table, c->ja3),
		.ja4 = keep_text(table, c->ja4),
		.agent = keep_text(table, c->agent),
		.listed = page > of_certificate ? page : of_certificate,
		.claims = c->claims,
		.app = c->app,
	};

	if (c->name_len && !claimed.name)
		return 0; /* without it the claim would be that there is no name */
	return keep(table, &claimed);
}

struct claimed claimed_get(const struct string_table *table, uint32_t number)
{
	struct claimed claimed = {0};

	if (number)
		memcpy(&claimed, string_table_get(table, number), sizeof(claimed));
	return claimed;
}

uint32_t claimed_join(struct string_table *table, uint32_t first, uint32_t second)
{
	struct claimed a = claimed_get(table, first), b = claimed_get(table, second);
	uint32_t joined;

	if (b.listed <= a.listed)
		return first;
	a.listed = b.listed;
	joined = keep(table, &a);
	return joined ? joined : first;
}
