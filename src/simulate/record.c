/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/record.h"

#include "simulate/truth.h"
#include "simulate/write_pcap.h"
#include "simulate/write_zeek.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = RECORD_DIRECTORY_SIZE + 96 };

struct record {
	const struct record_plan *plan;
	const struct sim_fleet_plan *fleet_plan;
	struct sim_fleet *fleet;
	struct pcap_writer *pcap;
	struct zeek_writer *zeek, *zeek_json;
	struct truth *truth;
	struct out_file *truth_file, *inventory_file;
	char zeek_directory[PATH_SIZE], zeek_json_directory[PATH_SIZE];
};

static void path_in(const struct record *r, const char *name, char out[static PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s", r->plan->directory, name);
}

static int open_zeek(const struct record *r, bool json, char directory[static PATH_SIZE],
		     struct zeek_writer **out_writer, struct complaint *why)
{
	struct zeek_format format = {
		.directory = directory,
		.options = r->plan->options,
		.start = r->fleet_plan->start,
		.json = json,
		.hourly = r->plan->hourly,
	};
	int err;

	path_in(r, json ? "zeek-json" : "zeek", directory);
	err = out_directory(directory, why);
	return err ? err : zeek_writer_open(&format, out_writer, why);
}

static int open_plain(const struct record *r, const char *name, struct out_file **out_file,
		      struct complaint *why)
{
	struct out_options plain = {.force = r->plan->options.force};
	char path[PATH_SIZE];

	path_in(r, name, path);
	return out_file_open(path, &plain, out_file, why);
}

static int open_pcap(struct record *r, struct complaint *why)
{
	struct pcap_format format = {
		.options = r->plan->options,
		.snaplen = r->plan->snaplen,
		.slice = r->plan->slice,
	};
	char path[PATH_SIZE];

	path_in(r, "fleet.pcap", path);
	return pcap_writer_open(path, &format, &r->pcap, why);
}

static int open_all(struct record *r, struct complaint *why)
{
	unsigned int formats = r->plan->formats;
	int err = out_directory(r->plan->directory, why);

	r->truth = truth_new(r->fleet, r->fleet_plan->implant_count);
	if (!r->truth)
		return -ENOMEM;
	if (!err)
		err = open_plain(r, "truth.jsonl", &r->truth_file, why);
	if (!err && r->plan->inventory)
		err = open_plain(r, "inventory.csv", &r->inventory_file, why);
	if (!err && formats & RECORD_PCAP)
		err = open_pcap(r, why);
	if (!err && formats & RECORD_ZEEK)
		err = open_zeek(r, false, r->zeek_directory, &r->zeek, why);
	if (!err && formats & RECORD_ZEEK_JSON)
		err = open_zeek(r, true, r->zeek_json_directory, &r->zeek_json, why);
	return err;
}

static int write_call(struct record *r, const struct sim_call *call, struct complaint *why)
{
	int err = truth_call(r->truth, call);

	if (!err && r->pcap)
		err = pcap_writer_call(r->pcap, call);
	if (!err && r->zeek)
		err = zeek_writer_call(r->zeek, call, why);
	if (!err && r->zeek_json)
		err = zeek_writer_call(r->zeek_json, call, why);
	return err;
}

static void write_truth(const struct record *r)
{
	const char *pcap = r->plan->options.gzip ? "fleet.pcap.gz" : "fleet.pcap";

	if (r->pcap)
		truth_write(r->truth, r->fleet, r->fleet_plan, pcap, "pcap", r->truth_file);
	if (r->zeek)
		truth_write(r->truth, r->fleet, r->fleet_plan, "zeek", "zeek-dir", r->truth_file);
	if (r->zeek_json)
		truth_write(r->truth, r->fleet, r->fleet_plan, "zeek-json", "zeek-dir",
			    r->truth_file);
}

static void write_inventory(const struct record *r)
{
	char v4[ADDRESS_TEXT_SIZE], v6[ADDRESS_TEXT_SIZE], bmc[ADDRESS_TEXT_SIZE];

	out_text(r->inventory_file, "host,address,address6,bmc,role,lot\n");
	for (uint32_t i = 0; i < r->fleet_plan->hosts; i++) {
		const struct sim_host *h = sim_fleet_host(r->fleet, i);

		out_format(r->inventory_file, "%u,%s,%s,%s,%s,lot-%03u\n", i,
			   address_text(&h->v4, v4), h->has_v6 ? address_text(&h->v6, v6) : "",
			   address_text(&h->bmc, bmc), sim_role_name(h->role), h->lot);
	}
}

/* The first error of all stands, with its sentence. */
static void note(int err, const struct complaint *late, int *first, struct complaint *why)
{
	if (err && !*first) {
		*first = err;
		complain(why, "%s", late->text);
	}
}

/* `err` is how writing ended.  A writer that failed says why only when it is closed. */
static int close_all(struct record *r, int err, struct complaint *why)
{
	struct complaint late;
	int closing = 0;

	note(pcap_writer_close(r->pcap, &late), &late, &closing, why);
	note(zeek_writer_close(r->zeek, &late), &late, &closing, why);
	note(zeek_writer_close(r->zeek_json, &late), &late, &closing, why);
	note(out_file_close(r->truth_file, &late), &late, &closing, why);
	note(out_file_close(r->inventory_file, &late), &late, &closing, why);
	truth_free(r->truth);
	sim_fleet_free(r->fleet);
	return err ? err : closing;
}

int record_fleet(const struct record_plan *plan, const struct sim_fleet_plan *fleet_plan,
		 uint64_t *out_calls, struct complaint *why)
{
	struct record r = {.plan = plan, .fleet_plan = fleet_plan};
	struct sim_call call;
	uint64_t calls = 0;
	int err = sim_fleet_new(fleet_plan, &r.fleet, why);

	CHECK(strlen(plan->directory) < RECORD_DIRECTORY_SIZE);
	if (err)
		return err;
	complain(why, "out of memory"); /* unless something else goes wrong */
	err = open_all(&r, why);
	while (!err && sim_fleet_next(r.fleet, &call)) {
		err = write_call(&r, &call, why);
		calls++;
	}
	if (!err)
		write_truth(&r);
	if (!err && r.inventory_file)
		write_inventory(&r);
	err = close_all(&r, err, why);
	if (!err)
		*out_calls = calls;
	return err;
}
