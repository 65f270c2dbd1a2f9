/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek rows.  The first byte chooses the log and whether it is TSV under its
 * usual header, JSON, or whatever the input makes of it.  Every flow that is
 * read is also told of when nobody wants it.
 */
#include "fuzz_input.h"

static const char *const starts[] = {
	"",
	"#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\t"
	"service\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\t"
	"orig_ip_bytes\tresp_pkts\tresp_ip_bytes\tip_proto\n",
	"#path\tdns\n#fields\tts\tid.orig_h\tquery\tanswers   label\n",
	"#path\tssl\n#fields\tuid\tserver_name\n",
	"#path\thttp\n#fields\tuid\thost\n",
	"{\"_path\":\"conn\",\"ts\":1,",
	"{\"_path\":\"dns\",\"ts\":1,\"id.orig_h\":\"1.1.1.1\",\"query\":\"",
	"{\"_path\":\"ssl\",\"ts\":1,\"uid\":\"C\",\"server_name\":\"",
	"{\"_path\":\"http\",\"ts\":1,\"uid\":\"C\",\"host\":\"",
};

static bool wants_none(void *arg, const struct tuple *ends)
{
	(void)arg;
	CHECK(ends->src.version && ends->dst.version && ends->proto == 0);
	return false;
}

static void check_unwanted(const struct maker *m)
{
	static struct recorder all, none;
	struct input_sink sink = fuzz_sink(&none);

	sink.wants_flow = wants_none;
	sink.unwanted_flow = record_unwanted;
	(void)fuzz_read(&all, m->bytes, m->len, SIZE_MAX);
	(void)record_by(&sink, m->bytes, m->len, 0);
	CHECK(none.flows == 0 && none.unwanted >= all.flows);
	CHECK(none.lookups == all.lookups && none.claims == all.claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct maker m = {0};

	if (!len)
		return 0;
	put_text(&m, starts[bytes[0] % ARRAY_LEN(starts)]);
	put(&m, bytes + 1, len - 1);
	fuzz_reading(m.bytes, m.len);
	check_unwanted(&m);
	maker_fini(&m);
	return 0;
}
