/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MISP core format: Event { info, Attribute [ ... ], Object [ { Attribute [ ... ] } ] }.
 * An attribute has type, value, to_ids (is it for detection?) and a comment.
 */
#include "intel/list.h"

#include <jansson.h>

struct event {
	struct list_read *list;
	const json_t *info;
	uint64_t number; /* of the attribute in the file */
};

static const struct {
	const char *type;
	enum indicator_kind first, second; /* of "a|b"; INDICATOR_KINDS: a port */
} types[] = {
	{"ip-dst", INDICATOR_NETWORK, INDICATOR_NONE},
	{"ip-dst|port", INDICATOR_NETWORK, INDICATOR_KINDS},
	{"domain", INDICATOR_DOMAIN, INDICATOR_NONE},
	{"hostname", INDICATOR_DOMAIN, INDICATOR_NONE},
	{"domain|ip", INDICATOR_DOMAIN, INDICATOR_NETWORK},
	{"hostname|port", INDICATOR_DOMAIN, INDICATOR_KINDS},
	{"url", INDICATOR_URL, INDICATOR_NONE},
	{"ja3-fingerprint-md5", INDICATOR_JA3, INDICATOR_NONE},
	{"ja4-fingerprint", INDICATOR_JA4, INDICATOR_NONE},
	{"x509-fingerprint-sha1", INDICATOR_CERTIFICATE, INDICATOR_NONE},
	{"x509-fingerprint-sha256", INDICATOR_CERTIFICATE, INDICATOR_NONE},
};

static uint16_t port_in(const char *text)
{
	unsigned int value = 0;

	while (*text >= '0' && *text <= '9' && value <= UINT16_MAX)
		value = value * 10 + (unsigned int)(*text++ - '0');
	return value <= UINT16_MAX ? (uint16_t)value : 0;
}

static void set_about(struct list_entry *entry, const struct event *e, const json_t *attribute)
{
	const json_t *about = json_object_get(attribute, "comment");

	if (!json_string_length(about))
		about = e->info;
	entry->about = json_string_value(about);
	entry->about_len = json_string_length(about);
}

static void take_value(struct event *e, const json_t *attribute, size_t type, const json_t *value)
{
	struct list_entry entry = {.at = e->number, .kind = types[type].first};
	const char *text = json_string_value(value), *bar = strchr(text, '|');

	set_about(&entry, e, attribute);
	entry.text = text;
	entry.len = json_string_length(value);
	if (bar && types[type].second) {
		entry.len = (size_t)(bar - text);
		if (types[type].second == INDICATOR_KINDS)
			entry.port = port_in(bar + 1);
	}
	list_take(e->list, &entry);
	if (!bar || types[type].second != INDICATOR_NETWORK)
		return;
	entry.kind = types[type].second;
	entry.text = bar + 1;
	entry.len = strlen(bar + 1);
	list_take(e->list, &entry);
}

static bool is_set(const json_t *flag)
{
	return json_is_true(flag) || (json_is_integer(flag) && json_integer_value(flag)) ||
	       (json_is_string(flag) && !strcmp(json_string_value(flag), "1"));
}

static void read_attribute(struct event *e, const json_t *attribute)
{
	const json_t *type = json_object_get(attribute, "type");
	const json_t *value = json_object_get(attribute, "value");
	const json_t *to_ids = json_object_get(attribute, "to_ids");

	e->number++;
	if (!json_is_string(type) || !json_is_string(value)) {
		list_unread(e->list, e->number, "an attribute without type or value");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].type, json_string_value(type)) != 0)
			continue;
		if (is_set(json_object_get(attribute, "deleted")))
			intel_missed(e->list->intel, INTEL_WITHDRAWN);
		else if (to_ids && !is_set(to_ids))
			intel_missed(e->list->intel, INTEL_UNDETECTABLE);
		else
			take_value(e, attribute, i, value);
		return;
	}
	intel_missed(e->list->intel, INTEL_OTHER);
}

static void read_attributes(struct event *e, const json_t *holder)
{
	const json_t *attributes = json_object_get(holder, "Attribute");

	for (size_t i = 0; i < json_array_size(attributes); i++)
		read_attribute(e, json_array_get(attributes, i));
}

static void read_event(struct event *e, const json_t *event)
{
	const json_t *objects = json_object_get(event, "Object");

	e->info = json_object_get(event, "info");
	read_attributes(e, event);
	for (size_t i = 0; i < json_array_size(objects); i++)
		read_attributes(e, json_array_get(objects, i));
}

/* { Event }, { response: [ { Event } ] }, { response: { Attribute } }, [ { Event } ] */
void list_read_misp(struct list_read *l, const json_t *root)
{
	const json_t *response = json_object_get(root, "response");
	const json_t *list = json_is_array(root) ? root : json_is_array(response) ? response : NULL;
	struct event e = {.list = l};

	if (!list) {
		const json_t *event = json_object_get(response ? response : root, "Event");

		read_event(&e, event ? event : response ? response : root);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i), *event = json_object_get(one, "Event");

		read_event(&e, event ? event : one);
	}
}
