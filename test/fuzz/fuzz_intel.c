/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a list: nothing outside them is read, and whatever was taken can
 * be found again and spelled out.
 */
#include "intel/intel_load.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void ask(const struct intel *intel, const char *text, size_t len)
{
	struct indicator_key key;
	char name[INDICATOR_TEXT_MAX + 1];
	uint32_t match = 0;
	struct network n;

	if (indicator_parse(text, len, &key))
		return;
	if (key.kind == INDICATOR_NETWORK) {
		n = indicator_network(key.bytes);
		match = intel_address(intel, &n.address, 0);
	} else if (key.kind == INDICATOR_DOMAIN) {
		memcpy(name, key.bytes + 1, key.len - 1);
		name[key.len - 1] = '\0';
		match = intel_name(intel, name, 0);
		CHECK(match);
	} else if (key.kind == INDICATOR_URL) {
		match = intel_url(intel, (const char *)key.bytes + 1, key.len - 1, 0);
		CHECK(match);
	}
	if (match)
		CHECK(intel_get(intel, match).text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct home home = home_default();
	struct intel *intel = intel_new(&home, 4 << 20);
	struct complaint why = {""};
	const char *text = (const char *)bytes;
	size_t word = 0;

	CHECK(intel);
	if (intel_load_text(&(struct intel_reader){.intel = intel}, "fuzz", text, len, &why))
		CHECK(why.text[0]);
	CHECK(intel_stats(intel).bytes < 8 << 20);
	/* a plain list of one word is found again */
	while (word < len && text[word] > ' ' && !strchr("#;!,|\"/{[", text[word]))
		word++;
	if (word && word == len && intel_stats(intel).indicators == 1 && !intel_stats(intel).other)
		ask(intel, text, word);
	intel_free(intel);
	return 0;
}
