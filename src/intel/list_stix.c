/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/list.h"
#include "intel/stix_pattern.h"

#include <jansson.h>
#include <time.h>

struct indicator_read {
	struct list_read *list;
	struct list_entry entry;
};

static void on_take(void *arg, enum indicator_kind kind, const char *text, size_t len,
		    uint16_t port)
{
	struct indicator_read *r = arg;
	struct list_entry entry = r->entry;

	entry.kind = kind;
	entry.text = text;
	entry.len = len;
	entry.port = port;
	list_take(r->list, &entry);
}

static void on_missed(void *arg, bool other_things, const char *why)
{
	struct indicator_read *r = arg;

	if (other_things)
		intel_missed(r->list->intel, INTEL_OTHER);
	else
		list_unread(r->list, r->entry.at, why);
}

/* RFC 3339 in UTC, as STIX has it; 0 if there is none. */
static uint32_t moment(const json_t *value)
{
	const char *text = json_string_value(value);
	struct tm utc = {0};
	time_t seconds;

	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &utc))
		return 0;
	seconds = timegm(&utc);
	if (seconds <= 0)
		return 1; /* long over */
	return seconds < UINT32_MAX ? (uint32_t)seconds : 0;
}

static void set_about(struct list_entry *entry, const json_t *object)
{
	const json_t *name = json_object_get(object, "name");

	if (!json_is_string(name))
		name = json_object_get(object, "description");
	if (!json_is_string(name))
		return;
	entry->about = json_string_value(name);
	entry->about_len = json_string_length(name);
}

/* STIX 2.1, 10.3: "benign", and nothing of what calls for an alarm. */
static bool is_harmless(const json_t *object)
{
	const json_t *types = json_object_get(object, "indicator_types");
	bool benign = false;

	for (size_t i = 0; i < json_array_size(types); i++) {
		const char *type = json_string_value(json_array_get(types, i));

		if (type && (!strcmp(type, "malicious-activity") || !strcmp(type, "compromised")))
			return false;
		benign |= type && !strcmp(type, "benign");
	}
	return benign;
}

static void read_object(struct list_read *l, const json_t *object, size_t number)
{
	struct indicator_read r = {.list = l, .entry = {.at = number}};
	struct stix_sink sink = {.take = on_take, .missed = on_missed, .arg = &r};
	const json_t *type = json_object_get(object, "type");
	const json_t *pattern = json_object_get(object, "pattern");
	const json_t *language = json_object_get(object, "pattern_type");

	if (!json_is_string(type) || strcmp(json_string_value(type), "indicator") != 0)
		return;
	if (json_is_true(json_object_get(object, "revoked"))) {
		intel_missed(l->intel, INTEL_WITHDRAWN);
		return;
	}
	if (is_harmless(object)) {
		intel_missed(l->intel, INTEL_HARMLESS);
		return;
	}
	if (json_is_string(language) && strcmp(json_string_value(language), "stix") != 0) {
		intel_missed(l->intel, INTEL_OTHER); /* rules for other programs */
		return;
	}
	if (!json_is_string(pattern)) {
		list_unread(l, number, "an indicator without a pattern");
		return;
	}
	set_about(&r.entry, object);
	r.entry.until_s = moment(json_object_get(object, "valid_until"));
	stix_pattern_read(json_string_value(pattern), json_string_length(pattern), &sink);
}

void list_read_stix(struct list_read *l, const json_t *root)
{
	const json_t *objects = json_is_array(root) ? root : json_object_get(root, "objects");

	if (!json_is_array(objects)) {
		read_object(l, root, 1);
		return;
	}
	for (size_t i = 0; i < json_array_size(objects); i++)
		read_object(l, json_array_get(objects, i), i + 1);
}
