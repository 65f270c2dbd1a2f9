/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each detector takes for its sign, in the words of docs/detection/README.md.
 */
#include "unit/unit.h"

#include "base/random.h"
#include "detect/detector.h"
#include "detect/detectors.h"
#include "intel/catalogue.h"
#include "detect/fleet.h"

#include <math.h>
#include <netinet/in.h>

static struct timeline tcp(uint16_t port)
{
	struct timeline t = {.calls = 10, .addresses = 1};

	t.key.proto = IPPROTO_TCP;
	t.key.port = port;
	t.key.destination = address_v4((uint8_t[]){192, 0, 2, 1});
	return t;
}

static enum trait ask(const struct detector *d, const struct timeline *t)
{
	return d->observe(&(struct subject){
		.timeline = t, .hosts = 100, .window_s = 86400, .hosts_to_destination = 50});
}

static void rarity_needs_a_fleet(void **state)
{
	struct timeline t = tcp(443);
	struct subject s = {.timeline = &t};

	(void)state;
	s.hosts = 4;
	s.hosts_to_destination = 1;
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_UNKNOWN);
	s.hosts = 5;
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_PRESENT);
	s.hosts_to_destination = 2; /* 40 % of five hosts */
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_ABSENT);
	s.hosts = 100;
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_PRESENT);
	s.groups_forgotten = true;
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_UNKNOWN);
	s.groups_forgotten = false;
	s.hosts_to_destination = 3;
	assert_int_equal(detect_prevalence.observe(&s), TRAIT_ABSENT);
	assert_false(detect_prevalence.innocent); /* many hosts are no sign of innocence */
}

static void no_lookup_needs_lookups_to_be_visible(void **state)
{
	struct timeline t = tcp(443);

	(void)state;
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_UNKNOWN);
	t.lookups_visible = 7; /* three of ten came before any look-up was seen */
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_UNKNOWN);
	t.lookups_visible = 8;
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_PRESENT);
	assert_int_equal(
		detect_lookup.observe(&(struct subject){.timeline = &t, .names_forgotten = true}),
		TRAIT_UNKNOWN);
	t.looked_up = 1; /* the answer may be cached for the other nine */
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_ABSENT);
	t.looked_up = 0;
	t.dns = 10; /* resolvers are configured, not looked up */
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_UNKNOWN);
	t.dns = 0;
	t.key.proto = IPPROTO_ICMP; /* nor is what a monitor pings */
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_UNKNOWN);
	t.key.proto = IPPROTO_TCP;
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_PRESENT);
	t.key.grouping = GROUP_NAME;
	assert_int_equal(ask(&detect_lookup, &t), TRAIT_UNKNOWN);
}

static void bare_is_half_the_calls(void **state)
{
	struct timeline t = tcp(443);

	(void)state;
	assert_int_equal(ask(&detect_bare, &t), TRAIT_UNKNOWN); /* nothing was claimed at all */
	t.tls = 10;
	t.no_sni = 5;
	assert_int_equal(ask(&detect_bare, &t), TRAIT_PRESENT);
	t.no_sni = 4;
	t.names[0] = 1;
	assert_int_equal(ask(&detect_bare, &t), TRAIT_ABSENT);
	t.host_is_address = 1;
	assert_int_equal(ask(&detect_bare, &t), TRAIT_PRESENT);
}

static void ports_by_protocol(void **state)
{
	struct timeline t = tcp(443);

	(void)state;
	assert_int_equal(ask(&detect_port, &t), TRAIT_ABSENT);
	t.key.port = 4444;
	assert_int_equal(ask(&detect_port, &t), TRAIT_PRESENT);
	t.key.port = 123;
	assert_int_equal(ask(&detect_port, &t), TRAIT_PRESENT); /* NTP is UDP's */
	t.key.proto = IPPROTO_UDP;
	assert_int_equal(ask(&detect_port, &t), TRAIT_ABSENT);
	t.key.port = 0; /* a piece without a port */
	assert_int_equal(ask(&detect_port, &t), TRAIT_UNKNOWN);
	t.key.port = 4444;
	t.key.proto = IPPROTO_SCTP;
	assert_int_equal(ask(&detect_port, &t), TRAIT_PRESENT);
	t.key.proto = IPPROTO_ICMP; /* what has no ports has no unusual one */
	assert_int_equal(ask(&detect_port, &t), TRAIT_UNKNOWN);
	t.key.proto = IPPROTO_ESP;
	assert_int_equal(ask(&detect_port, &t), TRAIT_UNKNOWN);
	t.key.proto = IPPROTO_AH;
	assert_int_equal(ask(&detect_port, &t), TRAIT_UNKNOWN);
}

static void upload_is_twice_the_download(void **state)
{
	struct timeline t = tcp(443);

	(void)state;
	t.out_payload = 1000;
	t.in_payload = 500;
	assert_int_equal(ask(&detect_upload, &t), TRAIT_UNKNOWN); /* nobody answered */
	t.answered = 10;
	assert_int_equal(ask(&detect_upload, &t), TRAIT_PRESENT);
	t.in_payload = 501;
	assert_int_equal(ask(&detect_upload, &t), TRAIT_ABSENT);
	t.out_payload = 499;
	t.in_payload = 0;
	assert_int_equal(ask(&detect_upload, &t), TRAIT_UNKNOWN);
}

static void following_the_load_is_close_and_at_no_other_time(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.follow = {.r = 0.9, .z_score = 9, .elsewhere = 0.3}};
	struct subject s = {.timeline = &t};

	(void)state;
	assert_int_equal(detect_load.observe(&s), TRAIT_UNKNOWN);
	s.facts = &facts; /* the host serves nothing, or the group has too few calls */
	assert_int_equal(detect_load.observe(&s), TRAIT_UNKNOWN);
	facts.follow_bins = 100;
	assert_int_equal(detect_load.observe(&s), TRAIT_PRESENT);
	facts.follow.z_score = 3.9;
	assert_int_equal(detect_load.observe(&s), TRAIT_ABSENT);
	facts.follow.z_score = 9;
	facts.follow.r = 0.49;
	assert_int_equal(detect_load.observe(&s), TRAIT_ABSENT);
	facts.follow.r = 0.9;
	facts.follow.elsewhere = 0.95; /* at the same time of another day, say */
	assert_int_equal(detect_load.observe(&s), TRAIT_ABSENT);
}

static void exfiltration_is_ten_times_what_its_like_sends(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.peers = {.hosts = 9, .most_bytes = 200000}};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	t.answered = 10;
	t.out_payload = 2000000;
	t.in_payload = 1000000;
	assert_int_equal(detect_exfil.observe(&s), TRAIT_PRESENT);
	t.in_payload = 1000001; /* it gets more than half of that back */
	assert_int_equal(detect_exfil.observe(&s), TRAIT_ABSENT);
	t.in_payload = 0;
	facts.peers.most_bytes = 200001;
	assert_int_equal(detect_exfil.observe(&s), TRAIT_ABSENT);
	facts.peers.most_bytes = 10;
	t.out_payload = 999999; /* less than a megabyte is a report */
	assert_int_equal(detect_exfil.observe(&s), TRAIT_ABSENT);
	facts.peers.hosts = 0; /* nothing to hold it against */
	assert_int_equal(detect_exfil.observe(&s), TRAIT_UNKNOWN);
}

static void a_jump_is_ten_times_the_next(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.blocks = 8, .busy_blocks = 4, .top_block = 1e6, .second_block = 1e5};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	t.answered = 10;
	t.out_payload = 1300000;
	assert_int_equal(detect_jump.observe(&s), TRAIT_PRESENT);
	facts.second_block = 100001;
	assert_int_equal(detect_jump.observe(&s), TRAIT_ABSENT);
	facts.busy_blocks = 3; /* no past to speak of */
	assert_int_equal(detect_jump.observe(&s), TRAIT_UNKNOWN);
}

/* 14 days, 30 kB on each: 420 kB. */
static void a_slow_leak_is_small_on_every_day(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.blocks = 14,
			      .busy_blocks = 14,
			      .block_s = 86400,
			      .top_block = 30000,
			      .second_block = 30000};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	t.answered = 14;
	t.out_payload = 420000;
	t.in_payload = 84000;
	assert_int_equal(detect_slow.observe(&s), TRAIT_PRESENT);
	t.in_payload = 84001;
	assert_int_equal(detect_slow.observe(&s), TRAIT_ABSENT);
	t.in_payload = 0;
	facts.top_block = 120001; /* most on one day: no slow leak */
	assert_int_equal(detect_slow.observe(&s), TRAIT_ABSENT);
	facts.top_block = 30000;
	facts.busy_blocks = 5;
	assert_int_equal(detect_slow.observe(&s), TRAIT_ABSENT);
	facts.busy_blocks = 14;
	facts.block_s = 450; /* an hour in all */
	assert_int_equal(detect_slow.observe(&s), TRAIT_UNKNOWN);
}

static void long_is_an_hour_or_most_of_the_window(void **state)
{
	struct timeline t = tcp(443);
	struct subject s = {.timeline = &t, .window_s = 86400};

	(void)state;
	t.longest_ms = 3599999;
	assert_int_equal(detect_long.observe(&s), TRAIT_ABSENT);
	t.longest_ms = 3600000;
	assert_int_equal(detect_long.observe(&s), TRAIT_PRESENT);
	s.window_s = 1000;
	t.longest_ms = 800000;
	assert_int_equal(detect_long.observe(&s), TRAIT_PRESENT);
	s.window_s = 700; /* most of it, but only nine minutes */
	t.longest_ms = 560000;
	assert_int_equal(detect_long.observe(&s), TRAIT_ABSENT);
}

static struct timeline shell(void)
{
	struct timeline t = tcp(4444);

	t.turns = 10;
	t.led = 7;
	t.in_payload = 700;
	t.out_payload = 9000;
	return t;
}

static void a_shell_takes_orders_in_no_known_protocol(void **state)
{
	struct timeline t = shell();
	struct facts facts = {.unevenness = 0.8, .same_size = 0.9};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	assert_int_equal(detect_shell.observe(&s), TRAIT_PRESENT);
	facts.unevenness = 0.1; /* a ping a minute, and its pong */
	assert_int_equal(detect_shell.observe(&s), TRAIT_ABSENT);
	facts.same_size = 0.4; /* answers of all sizes are no pongs */
	assert_int_equal(detect_shell.observe(&s), TRAIT_PRESENT);
	t.app = APP_IMAP;
	assert_int_equal(detect_shell.observe(&s), TRAIT_ABSENT);
	t = shell();
	t.turns = 11; /* it speaks for itself too often */
	assert_int_equal(detect_shell.observe(&s), TRAIT_ABSENT);
	t = shell();
	t.in_payload = 9001; /* a push service: more comes than goes */
	assert_int_equal(detect_shell.observe(&s), TRAIT_ABSENT);
	t = shell();
	t.turns = t.led = 0; /* a log */
	assert_int_equal(detect_shell.observe(&s), TRAIT_UNKNOWN);
}

static void orders_may_come_inside_a_known_protocol(void **state)
{
	struct timeline t = shell();
	struct subject s = {.timeline = &t};

	(void)state;
	t.app = APP_TLS;
	assert_int_equal(detect_orders.observe(&s), TRAIT_ABSENT);
	t.led = t.turns = 8;
	assert_int_equal(detect_orders.observe(&s), TRAIT_PRESENT);
	/* From a log: who spoke first, for how long, and how much. */
	t = tcp(4444);
	assert_int_equal(detect_orders.observe(&s), TRAIT_UNKNOWN);
	t.remote_first = 1;
	t.total_ms = t.longest_ms = 600000;
	t.out_payload = 100000;
	t.in_payload = 20000;
	assert_int_equal(detect_orders.observe(&s), TRAIT_PRESENT);
	t.in_payload = 20001; /* 200 bytes a second are no idle line */
	assert_int_equal(detect_orders.observe(&s), TRAIT_ABSENT);
}

static void one_size_is_four_in_five_and_weak(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {0};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	assert_int_equal(detect_size.observe(&s), TRAIT_UNKNOWN);
	facts.same_size = 0.79;
	assert_int_equal(detect_size.observe(&s), TRAIT_ABSENT);
	facts.same_size = 0.8;
	assert_int_equal(detect_size.observe(&s), TRAIT_PRESENT);
	/* 10 log10((0.9 * 0.5 + 0.1 * 0.25) / 0.25), however rare it is here */
	assert_true(detector_weight_db(&detect_size, TRAIT_PRESENT, 1e-6) < 2.79);
	assert_true(detector_weight_db(&detect_size, TRAIT_PRESENT, 1e-6) > 2.78);
}

static void always_connected_is_by_several_connections(void **state)
{
	struct timeline t = tcp(443);
	struct subject s = {.timeline = &t, .window_s = 86400};

	(void)state;
	t.total_ms = 69120000; /* 19.2 h of 24 */
	t.connections = 3;
	assert_int_equal(detect_stays.observe(&s), TRAIT_PRESENT);
	t.connections = 2;
	assert_int_equal(detect_stays.observe(&s), TRAIT_ABSENT);
	t.connections = 3;
	t.total_ms--;
	assert_int_equal(detect_stays.observe(&s), TRAIT_ABSENT);
	s.window_s = 3599;
	assert_int_equal(detect_stays.observe(&s), TRAIT_UNKNOWN);
}

static void retries_come_in_groups_or_ever_later(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.trains = 3, .tries = 2, .same_tries = 0.75};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	assert_int_equal(detect_retry.observe(&s), TRAIT_UNKNOWN);
	t.refused = 4;
	t.unanswered = 4;
	t.answered = 2;
	assert_int_equal(detect_retry.observe(&s), TRAIT_PRESENT);
	t.answered = 3;
	assert_int_equal(detect_retry.observe(&s), TRAIT_ABSENT);
	t.answered = 0;
	facts.trains = 2;
	assert_int_equal(detect_retry.observe(&s), TRAIT_ABSENT);
	facts.backoff = 2;
	assert_int_equal(detect_retry.observe(&s), TRAIT_PRESENT);
}

static void the_first_call_after_three_boots_in_four(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.coming = {.comings = 4, .first = 3}};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	assert_int_equal(detect_boot.observe(&s), TRAIT_PRESENT);
	facts.coming.first = 2;
	assert_int_equal(detect_boot.observe(&s), TRAIT_ABSENT);
	facts.coming = (struct coming_role){.comings = 2, .first = 2};
	assert_int_equal(detect_boot.observe(&s), TRAIT_UNKNOWN); /* twice is chance */
	facts.coming = (struct coming_role){.comings = 4, .first = 4};
	t.key.proto = IPPROTO_UDP;
	t.key.port = 123; /* time is asked for before all else */
	assert_int_equal(detect_boot.observe(&s), TRAIT_UNKNOWN);
}

static void before_the_host_was_up_is_twice_and_half_of_the_boots(void **state)
{
	struct timeline t = tcp(443);
	struct facts facts = {.coming = {.comings = 4, .before = 2}};
	struct subject s = {.timeline = &t, .facts = &facts};

	(void)state;
	assert_int_equal(detect_preboot.observe(&s), TRAIT_PRESENT);
	facts.coming.comings = 5;
	assert_int_equal(detect_preboot.observe(&s), TRAIT_ABSENT);
	facts.coming = (struct coming_role){.comings = 3, .before = 1};
	assert_int_equal(detect_preboot.observe(&s), TRAIT_ABSENT);
}

static void unanswered_is_four_in_five(void **state)
{
	struct timeline t = tcp(443);

	(void)state;
	assert_int_equal(ask(&detect_answer, &t), TRAIT_UNKNOWN); /* the log does not say */
	t.unanswered = 3;
	t.refused = 5;
	t.answered = 2;
	assert_int_equal(ask(&detect_answer, &t), TRAIT_PRESENT);
	t.refused = 4;
	t.answered = 3;
	assert_int_equal(ask(&detect_answer, &t), TRAIT_ABSENT);
}

static struct timeline ntp(void)
{
	struct timeline t = tcp(123);

	t.key.proto = IPPROTO_UDP;
	t.out_packets = 10;
	t.out_bytes = t.in_bytes = 760; /* 20 IPv4, 8 UDP, 48 NTP */
	return t;
}

static void ntp_is_known_by_its_sizes(void **state)
{
	struct timeline t = ntp();
	struct subject s = {.timeline = &t};

	(void)state;
	assert_int_equal(detect_known.observe(&s), TRAIT_PRESENT);
	assert_true(detect_known.weigh(&s) == -6); /* nobody to compare with */
	s.hosts = 100;
	s.hosts_to_destination = 50;
	assert_true(detect_known.weigh(&s) == -12);
	s.hosts_to_destination = 1; /* whose server is it? */
	assert_true(detect_known.weigh(&s) == -4);
	t.out_bytes = 10 * 300; /* something rides along */
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
	t = ntp();
	t.other_protocol = 1; /* the payload is no NTP */
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
	t = ntp();
	t.in_bytes = 761; /* or comes back */
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
}

static void known_names_are_whole_labels_and_weigh_more_when_resolved(void **state)
{
	struct string_table *names = string_table_new(1 << 20);
	struct timeline t = tcp(443);
	struct catalogue *catalogue = catalogue_new();
	struct complaint why;
	struct subject s = {.timeline = &t, .names = names, .catalogue = catalogue};

	(void)state;
	assert_int_equal(catalogue_add(catalogue, "built in", catalogue_built_in,
				       strlen(catalogue_built_in), &why),
			 0);
	t.names[0] = string_table_add(names, "deb.debian.org", 14);
	assert_int_equal(detect_known.observe(&s), TRAIT_PRESENT);
	assert_true(detect_known.weigh(&s) == -5);
	t.looked_up = 10; /* looked up, but under another name */
	assert_true(detect_known.weigh(&s) == -5);
	t.confirmed = 5;
	assert_true(detect_known.weigh(&s) == -10);
	t.names[1] = string_table_add(names, "c2.example", 10); /* not only that */
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
	t.names[1] = 0;
	t.names[0] = string_table_add(names, "evildebian.org", 14);
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
	t.names[0] = string_table_add(names, "debian.org.evil.example", 23);
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
	catalogue_free(catalogue);
	string_table_free(names);
}

/*
 * The worked example of docs/detection/dns-tunnel.md: 300 names of 32 hex digits in a
 * day say about 16 bytes each, less what Shannon's estimate is short of: 4.4 kB.
 */
static void a_tunnel_is_what_names_say(void **state)
{
	struct string_table *names = string_table_new(1 << 20);
	struct domain_facts f = {.key.domain = string_table_add(names, "t.example", 9)};
	struct group g = {.domain = &f, .names = names};
	struct subject s = {.group = &g, .names = names};
	struct random r = random_from_seed(1);
	struct evidence e = {0};
	char name[64];

	(void)state;
	assert_int_equal(detect_dns_tunnel.observe(&(struct subject){0}), TRAIT_UNKNOWN);
	for (uint32_t i = 0; i < 300; i++) {
		for (int k = 0; k < 32; k++)
			name[k] = "0123456789abcdef"[random_below(&r, 16)];
		strcpy(name + 32, ".t.example");
		domain_note_question(&f, name, 42, 32, i, 1, 60, (ns_t)i * 280 * NS_PER_SEC);
	}
	assert_int_equal(detect_dns_tunnel.observe(&s), TRAIT_PRESENT);
	assert_true(fabs(detect_dns_tunnel.weigh(&s) - 10 * log10(4400.0 / 30)) < 1.0);
	detect_dns_tunnel.describe(&s, TRAIT_PRESENT, 0, &e);
	assert_non_null(strstr(e.text, "300 questions (100 % A)"));
	s.hosts_to_destination = 10; /* then it may be what the fleet was built with */
	assert_true(fabs(detect_dns_tunnel.weigh(&s) - 10 * log10(440.0 / 30)) < 1.0);
	s.hosts_to_destination = 1;
	g.names_called = 400; /* it calls what it looks up: a wildcard, not a message */
	assert_int_equal(detect_dns_tunnel.observe(&s), TRAIT_ABSENT);
	g.names_called = 0;
	f.key.domain = string_table_add(names, "spamhaus.org", 12);
	assert_true(detect_dns_tunnel.weigh(&s) < 0);
	f.outside = f.questions; /* anybody's own server answers for any name */
	assert_true(detect_dns_tunnel.weigh(&s) > 20);
	string_table_free(names);
}

/* Short names from a list of words, and few names: no matter how often. */
static void words_are_no_tunnel(void **state)
{
	struct string_table *names = string_table_new(1 << 20);
	struct domain_facts f = {.key.domain = string_table_add(names, "t.example", 9)};
	struct group g = {.domain = &f, .names = names};
	struct subject s = {.group = &g, .names = names};
	char name[64];

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		int len = snprintf(name, sizeof(name), "web%u.t.example", i);

		domain_note_question(&f, name, (size_t)len, (size_t)len - 10, i, 1, 60, i);
	}
	assert_int_equal(detect_dns_tunnel.observe(&s), TRAIT_ABSENT);
	string_table_free(names);
}

/* The worked example of docs/detection/icmp-tunnel.md. */
static void pings_that_carry_something(void **state)
{
	struct timeline t = {.calls = 10, .answered = 10, .key.proto = IPPROTO_ICMP};
	struct echo_facts f = {.out = {.requests = 50, .compared = 49, .longest = 500},
			       .in = {.replies = 50, .compared = 49, .checked = 50}};
	struct group g = {.echo = &f};
	struct subject s = {.timeline = &t, .group = &g};

	(void)state;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_ABSENT);
	f.in.unlike = 24; /* less than half of the replies: requests may be lost in the capture */
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_ABSENT);
	f.in.unlike = 25;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_PRESENT);
	assert_true(fabs(detect_icmp_tunnel.weigh(&s) - 25) < 0.01);
	f.in.unlike = 0;
	f.out.different = f.in.different = 49;
	f.out.changed_bytes = 2000;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_PRESENT);
	assert_true(fabs(detect_icmp_tunnel.weigh(&s) - 20) < 0.01);
	f.in.unlike = 50;
	assert_true(fabs(detect_icmp_tunnel.weigh(&s) - 40) < 0.01); /* 45, but 40 is enough */
	g.echo = NULL;						     /* a log: only sums */
	t.out_payload = 2000;
	t.in_payload = 2999;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_ABSENT);
	t.in_payload = 3000;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_PRESENT);
	t.key.proto = IPPROTO_TCP;
	assert_int_equal(detect_icmp_tunnel.observe(&s), TRAIT_UNKNOWN);
}

/* Iodine fills its questions; look-ups of names have 30 to 60 bytes. */
static void resolvers_are_asked_short_questions(void **state)
{
	struct timeline t = {.calls = 10, .dns = 10, .out_packets = 40, .key.port = 53};
	struct subject s = {.timeline = &t, .hosts = 100, .hosts_to_destination = 50};

	(void)state;
	t.key.proto = IPPROTO_UDP;
	t.out_payload = 40 * 45;
	assert_int_equal(detect_known.observe(&s), TRAIT_PRESENT);
	t.out_payload = 40 * 120;
	assert_int_equal(detect_known.observe(&s), TRAIT_ABSENT);
}

static void other_protocols_are_half_the_calls(void **state)
{
	struct timeline t = tcp(443);
	struct evidence e = {0};
	struct subject s = {.timeline = &t};

	(void)state;
	assert_int_equal(ask(&detect_protocol, &t), TRAIT_UNKNOWN); /* nothing was said */
	t.out_payload = 1000;
	assert_int_equal(ask(&detect_protocol, &t), TRAIT_UNKNOWN); /* a log does not tell */
	t.app = APP_TLS;
	assert_int_equal(ask(&detect_protocol, &t), TRAIT_ABSENT);
	t.app = APP_SSH;
	t.other_protocol = 5;
	assert_int_equal(ask(&detect_protocol, &t), TRAIT_PRESENT);
	detect_protocol.describe(&s, TRAIT_PRESENT, 0.005, &e);
	assert_non_null(strstr(e.text, "5 of 10 calls do not speak what belongs on port 443/tcp, "
				       "but ssh"));
	assert_int_equal(ask(&detect_noise, &t), TRAIT_ABSENT);
	t.app = APP_RANDOM;
	assert_int_equal(ask(&detect_noise, &t), TRAIT_PRESENT);
	t.app = APP_UNKNOWN;
	assert_int_equal(ask(&detect_noise, &t), TRAIT_UNKNOWN);
	t.key.grouping = GROUP_NAME;
	assert_int_equal(ask(&detect_protocol, &t), TRAIT_UNKNOWN);
}

static void raw_protocols_are_neither_tcp_nor_udp(void **state)
{
	struct timeline t = tcp(0);
	struct subject s = {.timeline = &t, .hosts = 100, .hosts_to_destination = 1};

	(void)state;
	assert_int_equal(detect_raw.observe(&s), TRAIT_ABSENT);
	t.key.proto = IPPROTO_IGMP;
	assert_int_equal(detect_raw.observe(&s), TRAIT_ABSENT);
	t.key.proto = IPPROTO_GRE;
	assert_int_equal(detect_raw.observe(&s), TRAIT_PRESENT);
	assert_true(detect_raw.weigh(&s) == 5);
	t.key.proto = 253; /* for experiments (RFC 3692) */
	assert_true(detect_raw.weigh(&s) == 14);
	s.hosts_to_destination = 3;
	assert_true(detect_raw.weigh(&s) == 0);
}

static void an_encrypted_resolver_is_busy_in_24_of_30_minutes(void **state)
{
	struct timeline t = tcp(853);
	struct facts facts = {.busy_half_hour = 23};
	struct group g = {0};
	struct subject s = {.timeline = &t, .facts = &facts, .group = &g};

	(void)state;
	assert_int_equal(detect_doh.observe(&s), TRAIT_UNKNOWN); /* no TLS */
	t.app = APP_TLS;
	assert_int_equal(detect_doh.observe(&s), TRAIT_ABSENT);
	facts.busy_half_hour = 24;
	assert_int_equal(detect_doh.observe(&s), TRAIT_PRESENT);
	g.resolver = true;
	assert_int_equal(detect_doh.observe(&s), TRAIT_ABSENT);
	g.resolver = false;
	t.key.port = 443; /* and no entry of the catalogue */
	assert_int_equal(detect_doh.observe(&s), TRAIT_UNKNOWN);
}

/* Beside the obvious way: bytes of each minute, then every window of thirty. */
static void busy_minutes_are_counted(void **state)
{
	enum { CALLS = 300, MINUTES = 600 };
	const int64_t minute_ms = 60000, origin = 1000000 * minute_ms;
	static struct call calls[CALLS];
	struct random r = random_from_seed(7);
	struct fleet fleet = {.window_s = MINUTES * 60};
	struct timeline t = tcp(853);
	struct group g = {.timeline = &t};

	(void)state;
	for (int round = 0; round < 20; round++) {
		double bytes[MINUTES] = {0};
		uint32_t most = 0;
		int64_t at = 0;

		for (int i = 0; i < CALLS; i++) {
			int64_t long_ms = (int64_t)random_below(&r, 300000);
			int64_t first = at / minute_ms, last = (at + long_ms) / minute_ms;

			calls[i] = (struct call){.start_ms = origin + at,
						 .duration_ms = (uint32_t)long_ms,
						 .out = (uint32_t)random_below(&r, 3000)};
			for (int64_t m = first; m <= last; m++)
				bytes[m] += calls[i].out / (double)(last - first + 1);
			at += (int64_t)random_below(&r, round < 10 ? 60000 : 100000);
			if (i % 50 == 49 && round % 2)
				at += 45 * minute_ms;
		}
		for (int start = 0; start + 30 <= MINUTES; start++) {
			uint32_t busy = 0;

			for (int m = start; m < start + 30; m++)
				busy += bytes[m] >= 1500;
			most = busy > most ? busy : most;
		}
		assert_int_equal(facts_gather(&fleet, &g, calls, CALLS).busy_half_hour, most);
	}
}

static void every_detector_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; detectors[i]; i++) {
		const struct detector *d = detectors[i];

		assert_true(d->name && d->kin && d->sign && d->attack && d->observe && d->describe);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(d->name, detectors[k]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rarity_needs_a_fleet),
		cmocka_unit_test(no_lookup_needs_lookups_to_be_visible),
		cmocka_unit_test(bare_is_half_the_calls),
		cmocka_unit_test(ports_by_protocol),
		cmocka_unit_test(upload_is_twice_the_download),
		cmocka_unit_test(following_the_load_is_close_and_at_no_other_time),
		cmocka_unit_test(exfiltration_is_ten_times_what_its_like_sends),
		cmocka_unit_test(a_jump_is_ten_times_the_next),
		cmocka_unit_test(a_slow_leak_is_small_on_every_day),
		cmocka_unit_test(long_is_an_hour_or_most_of_the_window),
		cmocka_unit_test(a_shell_takes_orders_in_no_known_protocol),
		cmocka_unit_test(orders_may_come_inside_a_known_protocol),
		cmocka_unit_test(one_size_is_four_in_five_and_weak),
		cmocka_unit_test(always_connected_is_by_several_connections),
		cmocka_unit_test(retries_come_in_groups_or_ever_later),
		cmocka_unit_test(the_first_call_after_three_boots_in_four),
		cmocka_unit_test(before_the_host_was_up_is_twice_and_half_of_the_boots),
		cmocka_unit_test(unanswered_is_four_in_five),
		cmocka_unit_test(ntp_is_known_by_its_sizes),
		cmocka_unit_test(known_names_are_whole_labels_and_weigh_more_when_resolved),
		cmocka_unit_test(a_tunnel_is_what_names_say),
		cmocka_unit_test(words_are_no_tunnel),
		cmocka_unit_test(pings_that_carry_something),
		cmocka_unit_test(resolvers_are_asked_short_questions),
		cmocka_unit_test(other_protocols_are_half_the_calls),
		cmocka_unit_test(raw_protocols_are_neither_tcp_nor_udp),
		cmocka_unit_test(an_encrypted_resolver_is_busy_in_24_of_30_minutes),
		cmocka_unit_test(busy_minutes_are_counted),
		cmocka_unit_test(every_detector_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
