/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/list.h"

#include <errno.h>
#include <jansson.h>

/* An array of texts: a plain list in JSON's clothes. */
static void read_texts(struct list_read *l, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *text = json_array_get(array, i);

		if (json_is_string(text))
			list_take(l, &(struct list_entry){.at = i + 1,
							  .text = json_string_value(text),
							  .len = json_string_length(text)});
	}
}

static bool is_misp(const json_t *o)
{
	return json_object_get(o, "Event") || json_object_get(o, "response") ||
	       json_object_get(o, "Attribute");
}

static void start(struct list_read *l, const char *unit)
{
	l->unit = unit;
	l->number = intel_list(l->intel, l->name, unit);
}

static void read_root(struct list_read *l, const json_t *root)
{
	const json_t *first = json_is_array(root) ? json_array_get(root, 0) : root;

	if (is_misp(first)) {
		start(l, "attribute");
		list_read_misp(l, root);
		return;
	}
	start(l, "object");
	if (json_is_string(first))
		read_texts(l, root);
	else if (json_object_get(first, "objects") || json_object_get(first, "pattern") ||
		 json_object_get(first, "spec_version"))
		list_read_stix(l, root);
	else
		list_unread(l, 1, "it is neither STIX 2.1 nor a MISP event");
}

int list_read_json(struct list_read *l, const char *text, size_t len, struct complaint *why)
{
	json_error_t error;
	json_t *root;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	root = json_loadb(text, len, 0, &error);
	if (!root) {
		complain(why, "%s: line %d: %s", l->name, error.line, error.text);
		return -EBADMSG;
	}
	read_root(l, root);
	json_decref(root);
	return 0;
}
