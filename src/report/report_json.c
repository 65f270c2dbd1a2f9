/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For machines: lines shaped like Suricata's EVE, so that pipelines which read
 * those take ours; what is our own stands in a block named "watertight".
 */
#include "flow/community_id.h"
#include "flow/fingerprint.h"
#include "report/advice.h"
#include "report/json.h"
#include "report/report.h"
#include "report/words.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>

/* "2021-01-06T16:42:10.123000+0000", as EVE writes times. */
static void put_time(struct json *j, const char *key, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	int part = (int)(ms - (int64_t)seconds * 1000);
	char date[32], text[48];
	struct tm utc;

	if (!gmtime_r(&seconds, &utc) || !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc))
		snprintf(date, sizeof(date), "1970-01-01T00:00:00");
	snprintf(text, sizeof(text), "%s.%03d000+0000", date, part);
	json_string(j, key, text);
}

/* EVE counts 1 as the most severe and stops at 3. */
static uint64_t eve_severity(enum severity severity)
{
	return severity >= SEVERITY_HIGH ? 1 : severity == SEVERITY_MEDIUM ? 2 : 3;
}

static void put_proto(struct json *j, uint8_t number)
{
	char proto[8];

	proto_text(number, proto);
	for (char *c = proto; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	json_string(j, "proto", proto);
}

/* The ends of the latest call; a group has many, and this one can be looked up elsewhere. */
static void put_endpoints(struct json *j, const struct finding *f)
{
	const struct timeline *t = f->group.timeline;
	bool has_ports = t->last.proto == IPPROTO_TCP || t->last.proto == IPPROTO_UDP ||
			 t->last.proto == IPPROTO_SCTP;
	char address[ADDRESS_TEXT_SIZE], id[COMMUNITY_ID_SIZE];

	json_string(j, "src_ip", address_text(&t->last.src, address));
	if (has_ports)
		json_count(j, "src_port", t->last.src_port);
	json_string(j, "dest_ip", address_text(&t->last.dst, address));
	if (has_ports)
		json_count(j, "dest_port", t->last.dst_port);
	put_proto(j, t->last.proto);
	if (t->app)
		json_string(j, "app_proto", app_name(t->app));
	json_string(j, "community_id", community_id(&t->last, 0, id));
}

static void put_alert(struct json *j, const struct finding *f)
{
	char signature[64];

	snprintf(signature, sizeof(signature), "Watertight %s", finding_kind_name(f->kind));
	json_open(j, "alert", '{');
	json_string(j, "action", "allowed");
	json_string(j, "signature", signature);
	json_string(j, "category", "Possible call-home");
	json_count(j, "severity", eve_severity(f->severity));
	json_close(j, '}');
}

static void put_evidence(struct json *j, const char *key, const struct finding *f, bool against)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *e = &f->evidence[i];

		if ((e->weight_db < 0) != against)
			continue;
		json_open(j, NULL, '{');
		json_string(j, "name", e->name);
		json_number(j, "db", e->weight_db, 1);
		json_string(j, "text", e->text);
		json_open(j, "facts", '{');
		for (size_t k = 0; k < e->fact_count; k++)
			json_number(j, e->facts[k].name, e->facts[k].value, 6);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_attack(struct json *j, const struct finding *f)
{
	json_open(j, "attack", '[');
	for (size_t i = 0; i < f->evidence_count; i++) {
		const struct evidence *e = &f->evidence[i];
		bool repeated = false;

		for (size_t k = 0; k < i; k++)
			repeated |= f->evidence[k].weight_db > 0 &&
				    !strcmp(f->evidence[k].attack, e->attack);
		if (e->weight_db > 0 && *e->attack && !repeated)
			json_string(j, NULL, e->attack);
	}
	json_close(j, ']');
}

static void put_names(struct json *j, const struct finding *f)
{
	const struct timeline *t = f->group.timeline;

	json_open(j, "names", '[');
	for (size_t i = 0; i < TIMELINE_NAMES_MAX && t->names[i]; i++)
		json_string(j, NULL, string_table_get(f->group.names, t->names[i]));
	json_close(j, ']');
}

static void put_hosts(struct json *j, const struct finding *f)
{
	char address[ADDRESS_TEXT_SIZE];

	json_count(j, "host_count", f->host_count);
	if (f->group.hosts_pooled)
		json_count(j, "hosts_pooled", f->group.hosts_pooled);
	json_open(j, "hosts", '[');
	for (uint32_t i = 0; i < f->host_count && i < FINDING_HOSTS_MAX; i++)
		json_string(j, NULL, address_text(&f->hosts[i], address));
	json_close(j, ']');
}

/* All of them: what a rule or a block list is made from. */
static void put_destinations(struct json *j, const struct finding *f)
{
	char address[ADDRESS_TEXT_SIZE];

	json_count(j, "destination_count", f->destination_count);
	json_open(j, "destinations", '[');
	for (uint32_t i = 0; i < f->destination_count; i++) {
		const struct destination *d = &f->destinations[i];

		json_open(j, NULL, '{');
		if (d->address.version)
			json_string(j, "ip", address_text(&d->address, address));
		if (*d->name)
			json_string(j, "name", d->name);
		if (d->port)
			json_count(j, "port", d->port);
		put_proto(j, d->proto);
		json_count(j, "calls", d->calls);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static const char *grouping_text(uint8_t grouping)
{
	switch (grouping) {
	case GROUP_NAME:
		return "name";
	case GROUP_DOMAIN:
		return "domain";
	case GROUP_LOOKUP:
		return "lookup";
	case GROUP_PORTS:
		return "address";
	case GROUP_NETWORK:
		return "network";
	case GROUP_SERVICE:
		return "port";
	case GROUP_CLIENT:
		return "client";
	case GROUP_NAMES:
		return "registered-name";
	default:
		return "address-port";
	}
}

/* The address, the name, or what a union is called by; "*" for anywhere. */
static void put_destination(struct json *j, const struct finding *f)
{
	const struct timeline_key *key = &f->group.timeline->key;
	struct network network = {.address = key->destination, .prefix = f->group.prefix};
	char text[NETWORK_TEXT_SIZE];
	const char *to = text;

	address_text(&key->destination, text);
	if (key->grouping == GROUP_NAME || key->grouping == GROUP_DOMAIN ||
	    key->grouping == GROUP_LOOKUP)
		to = string_table_get(f->group.names, key->name);
	else if (key->grouping == GROUP_NAMES)
		to = fleet_registered_name(string_table_get(f->group.names, key->name));
	else if (key->grouping == GROUP_SERVICE || key->grouping == GROUP_CLIENT)
		to = "*";
	else if (key->grouping == GROUP_NETWORK)
		network_text(&network, text);
	json_string(j, "destination", to);
}

static void put_rhythm(struct json *j, const struct finding *f)
{
	const struct timing_result *t = &f->timing;

	if (!f->is_timer)
		return;
	json_number(j, "period_s", t->period_s, 3);
	json_number(j, "period_low_s", t->period.low, 3);
	json_number(j, "period_high_s", t->period.high, 3);
	json_number(j, "jitter", t->jitter, 3);
	json_number(j, "jitter_low", t->jitter_90.low, 3);
	json_number(j, "jitter_high", t->jitter_90.high, 3);
	json_number(j, "missed", t->missed, 3);
	json_number(j, "missed_low", t->missed_90.low, 3);
	json_number(j, "missed_high", t->missed_90.high, 3);
	json_number(j, "timer_db", t->decibans, 1);
	json_number(j, "timer_guaranteed_db", t->guaranteed_db, 1);
}

/* "0x0304" is TLS 1.3 as EVE writes it. */
static const char *tls_version(uint16_t version)
{
	switch (version) {
	case 0x0300:
		return "SSLv3";
	case 0x0301:
		return "TLS 1.0";
	case 0x0302:
		return "TLS 1.1";
	case 0x0303:
		return "TLS 1.2";
	case 0x0304:
		return "TLS 1.3";
	default:
		return NULL;
	}
}

static void put_text(struct json *j, const char *key, const struct finding *f, uint32_t number)
{
	if (number)
		json_string(j, key, string_table_get(f->group.fingerprints, number));
}

/* What can be told of the latest client, in EVE's words. */
static void put_client(struct json *j, const struct finding *f)
{
	struct fingerprint p;

	if (!f->group.timeline->fingerprint)
		return;
	p = fingerprint_get(f->group.fingerprints, f->group.timeline->fingerprint);
	json_open(j, "client", '{');
	put_text(j, "ja3", f, p.ja3);
	put_text(j, "ja4", f, p.ja4);
	put_text(j, "hassh", f, p.hassh);
	put_text(j, "alpn", f, p.alpn);
	put_text(j, "user_agent", f, p.agent);
	if (tls_version(p.tls_taken ? p.tls_taken : p.tls_offer))
		json_string(j, "tls_version", tls_version(p.tls_taken ? p.tls_taken : p.tls_offer));
	json_close(j, '}');
}

/* The entry that a case rests on. */
static void put_listed(struct json *j, const struct finding *f, const struct intel *intel)
{
	struct indicator i;

	if (!intel || !f->group.timeline->listed)
		return;
	i = intel_get(intel, f->group.timeline->listed);
	json_open(j, "listed", '{');
	json_string(j, "indicator", i.text);
	json_string(j, "list", i.list);
	json_count(j, i.unit, i.line);
	if (*i.about)
		json_string(j, "about", i.about);
	json_count(j, "more_lists", i.more_lists);
	json_count(j, "calls", f->group.timeline->listed_calls);
	json_close(j, '}');
}

static void put_finding(struct json *j, const struct finding *f, const struct intel *intel)
{
	const struct timeline *t = f->group.timeline;
	char address[ADDRESS_TEXT_SIZE];

	json_open(j, "watertight", '{');
	json_count(j, "rank", f->rank);
	json_string(j, "kind", finding_kind_name(f->kind));
	json_number(j, "score_db", f->score_db, 1);
	json_number(j, "sum_db", f->sum_db, 1);
	json_number(j, "probability", f->probability, 6);
	if (f->held)
		json_string(j, "held", f->held);
	json_string(j, "severity", severity_name(f->severity));
	json_string(j, "host", address_text(&t->key.host, address));
	if (t->key.network)
		json_count(j, "vni", t->key.network & 0xffffff);
	put_destination(j, f);
	put_names(j, f);
	put_client(j, f);
	if (t->claims & (CLAIM_SELF_SIGNED | CLAIM_CERT_TIME)) {
		json_open(j, "certificate", '{');
		json_bool(j, "self_signed", t->claims & CLAIM_SELF_SIGNED);
		json_bool(j, "not_valid_then", t->claims & CLAIM_CERT_TIME);
		json_close(j, '}');
	}
	if (t->proxied)
		json_string(j, "proxy", address_text(&t->last.dst, address));
	json_string(j, "grouping", grouping_text(t->key.grouping));
	put_time(j, "first", t->first_ms);
	put_time(j, "last", t->last_ms);
	json_count(j, "calls", t->calls);
	json_count(j, "bytes_out", t->out_bytes);
	json_count(j, "bytes_in", t->in_bytes);
	put_rhythm(j, f);
	put_hosts(j, f);
	put_destinations(j, f);
	put_listed(j, f, intel);
	put_evidence(j, "evidence", f, false);
	put_evidence(j, "against", f, true);
	put_attack(j, f);
	json_string(j, "next", next_step(f));
	json_string(j, "unless", mind_changer(f));
	json_close(j, '}');
}

static void put_decoded(struct json *j, const struct coverage *c)
{
	json_count(j, "not_ip", c->decoded[DECODE_NOT_IP]);
	json_count(j, "fragments", c->decoded[DECODE_FRAGMENT]);
	json_count(j, "truncated", c->decoded[DECODE_TRUNCATED]);
	json_count(j, "malformed", c->decoded[DECODE_MALFORMED]);
	json_count(j, "unsupported", c->decoded[DECODE_UNSUPPORTED]);
}

static void put_forgotten(struct json *j, const struct coverage *c)
{
	json_open(j, "forgotten", '{');
	json_count(j, "flows", c->flows_evicted);
	json_count(j, "groups", c->timelines.evicted);
	json_count(j, "calls", c->timelines.evicted_calls + c->timelines.untimed);
	json_count(j, "names", c->names_refused + c->names_evicted + c->claims_refused);
	json_close(j, '}');
}

static void put_lists(struct json *j, const struct intel *intel)
{
	struct intel_stats s = intel_stats(intel);

	json_open(j, "lists", '{');
	json_count(j, "count", s.lists);
	json_count(j, "broken", s.lists_broken);
	json_count(j, "useless", s.lists_useless);
	json_count(j, "indicators", s.indicators);
	json_count(j, "repeated", s.repeated);
	json_count(j, "unread", s.unread);
	json_count(j, "refused", s.refused);
	json_count(j, "withdrawn", s.withdrawn);
	json_count(j, "undetectable", s.undetectable);
	json_count(j, "harmless", s.harmless);
	json_count(j, "other", s.other);
	json_count(j, "forgotten", s.forgotten);
	json_close(j, '}');
}

static void put_stats(struct json *j, const struct report *r)
{
	const struct coverage *c = r->coverage;
	const struct verdict *v = r->verdict;

	json_open(j, "watertight", '{');
	json_count(j, "packets", c->frames);
	json_count(j, "log_rows", c->rows);
	json_count(j, "flows", c->flows);
	json_count(j, "outbound", c->outbound);
	json_count(j, "inbound", c->inbound);
	json_count(j, "internal", c->internal);
	json_count(j, "neither", c->outside + c->group);
	json_count(j, "hosts", v->hosts);
	json_count(j, "groups", v->groups);
	json_count(j, "groups_tested", v->groups_tested);
	json_count(j, "unions_tested", v->unions_tested);
	json_count(j, "timers", v->timers);
	json_count(j, "findings", v->count);
	json_count(j, "cases", report_cases(r));
	json_number(j, "false_discovery", v->false_discovery, 4);
	json_number(j, "prior_db", v->prior_db, 1);
	put_time(j, "first", ns_to_ms(spans_first(&c->watched)));
	put_time(j, "last", ns_to_ms(spans_last(&c->watched)));
	json_count(j, "spans", c->watched.count);
	json_count(j, "spans_forgotten", c->watched.forgotten);
	json_number(j, "span_s", v->window_s, 3);
	json_count(j, "cut", c->cut);
	json_count(j, "tunnelled", c->tunnelled);
	json_count(j, "tunnels_unopened", c->tunnels_unopened);
	json_count(j, "duplicates", c->duplicates);
	json_count(j, "datagrams", c->datagrams);
	json_count(j, "datagrams_lost", c->datagrams_lost);
	json_count(j, "overlaps", c->overlaps);
	json_open(j, "openings", '{');
	json_count(j, "read", c->openings);
	json_count(j, "unread", c->openings_unread);
	json_count(j, "cut", c->openings_cut);
	json_count(j, "segments_early", c->segments_early);
	json_count(j, "contradictions", c->contradictions);
	json_close(j, '}');
	put_decoded(j, c);
	put_forgotten(j, c);
	if (r->intel)
		put_lists(j, r->intel);
	if (r->catalogue)
		json_string(j, "catalogue", catalogue_version(r->catalogue));
	json_count(j, "files", r->files);
	json_count(j, "files_broken", r->files_broken);
	json_count(j, "files_skipped", r->files_skipped);
	json_open(j, "home", '[');
	for (size_t i = 0; i < r->home->count; i++) {
		char text[NETWORK_TEXT_SIZE];

		json_string(j, NULL, network_text(&r->home->networks[i], text));
	}
	json_close(j, ']');
	json_bool(j, "home_assumed", r->home->assumed);
	if (r->inconclusive)
		json_string(j, "inconclusive", r->inconclusive);
	json_close(j, '}');
}

void report_json(FILE *out, const struct report *r, const struct report_style *style)
{
	for (size_t i = 0; i < r->verdict->count; i++) {
		const struct finding *f = &r->verdict->findings[i];
		struct json j = {.out = out};

		if (!report_shows(style, f))
			continue;
		json_open(&j, NULL, '{');
		put_time(&j, "timestamp", f->group.timeline->last_ms);
		json_string(&j, "event_type", "alert");
		put_endpoints(&j, f);
		put_alert(&j, f);
		put_finding(&j, f, r->intel);
		json_close(&j, '}');
		putc('\n', out);
	}
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	put_time(&j, "timestamp", ns_to_ms(spans_last(&r->coverage->watched)));
	json_string(&j, "event_type", "stats");
	put_stats(&j, r);
	json_close(&j, '}');
	putc('\n', out);
}
