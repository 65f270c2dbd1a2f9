/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof_words.h"

#include <math.h>
#include <string.h>

const char *kind_words(enum injection_kind kind)
{
	static const char *const words[] = {
		[INJECT_ADDRESS] = "a bare address of its own",
		[INJECT_NAME] = "a name of its own that it looks up",
		[INJECT_HAUNT] = "a name that its host calls anyway",
	};

	return words[kind];
}

static const char *kind_remark(enum injection_kind kind)
{
	static const char *const words[] = {
		[INJECT_ADDRESS] = "",
		[INJECT_NAME] = "",
		[INJECT_HAUNT] = " (at most three times as often as the implant does)",
	};

	return words[kind];
}

/* "reported (medium severity or more)" or "listed". */
static void result_words(const struct proof *p, const struct proof_edge *e, char out[static 64])
{
	if (e->if_listed)
		snprintf(out, 64, "listed, if only below the line (--all),");
	else
		snprintf(out, 64, "reported (%s severity%s)", severity_name(p->config.least),
			 p->config.least == SEVERITY_CRITICAL ? "" : " or more");
}

static double unseen_percent(const struct proof *p)
{
	return p->host_hours > 0 ? 100 * p->unseen_host_hours / p->host_hours : 0;
}

static uint32_t hits_of(const struct proof_edge *e, const struct trials_tally *t)
{
	return e->if_listed ? t->listed : t->reported;
}

static void nothing_certified(const struct proof *p, const struct proof_edge *e,
			      char out[static SENTENCE_SIZE])
{
	char result[64], shortest[DURATION_TEXT_SIZE], longest[DURATION_TEXT_SIZE], tried[160] = "";
	const struct proof_step *s = e->step_count ? &e->steps[e->step_count - 1] : NULL;

	result_words(p, e, result);
	if (s)
		snprintf(tried, sizeof(tried), "; of %u every %s %u were", s->tally.injected,
			 period_text(s->period_s, shortest), hits_of(e, &s->tally));
	snprintf(
		out, SENTENCE_SIZE,
		"Of an implant that calls %s%s with jitter of %.0f %%, nothing can be promised: at "
		"no period from %s to %s could it be certified to be %s with probability %.2f%s.",
		kind_words(e->kind), kind_remark(e->kind), 100 * e->jitter,
		period_text(p->shortest_s, shortest), period_text(p->longest_s, longest), result,
		p->config.level, tried);
}

const char *edge_sentence(const struct proof *p, const struct proof_edge *e,
			  char out[static SENTENCE_SIZE])
{
	const struct proof_step *s = proof_certified(e);
	char result[64], period[DURATION_TEXT_SIZE], longest[64] = "";

	if (!s) {
		nothing_certified(p, e, out);
		return out;
	}
	result_words(p, e, result);
	if (s->period_s >= p->longest_s)
		snprintf(longest, sizeof(longest), ", the slowest tried");
	period_text(s->period_s, period);
	snprintf(out, SENTENCE_SIZE,
		 "With %.4g %% confidence, an implant on one of these %u hosts that calls %s%s at "
		 "least every %s, with jitter up to %.0f %% and up to %.0f %% of its calls lost, "
		 "would have been %s with probability at least %.4g: of %u such that called every "
		 "%s%s, %u were. Slower or more random ones could have been missed; %.1f %% of "
		 "host-hours were not seen.",
		 100 * p->config.confidence, p->hosts_spoken, kind_words(e->kind),
		 kind_remark(e->kind), period, 100 * e->jitter, 100 * e->missed, result,
		 p->config.level, s->tally.injected, period, longest, hits_of(e, &s->tally),
		 unseen_percent(p));
	return out;
}

const char *packets_sentence(const struct witness *w, char out[static SENTENCE_SIZE])
{
	uint32_t reported = 0, foretold = 0, alike = 0;

	for (uint32_t i = 0; i < w->count; i++) {
		const struct witness_implant *im = &w->implants[i];

		reported += im->reported_packets;
		foretold += im->reported_calls;
		alike += im->reported_packets == im->reported_calls;
	}
	snprintf(out, SENTENCE_SIZE,
		 "%u implants were also written as packets and read with all the rest: injection "
		 "foretold %u of them reported and %u not; %u were reported, and for %u of the %u "
		 "the two agree.",
		 w->count, foretold, w->count - foretold, reported, alike, w->count);
	return out;
}

const char *period_text(double seconds, char out[static DURATION_TEXT_SIZE])
{
	static const struct {
		double unit;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && seconds < 0.9995 * units[i].unit)
		i++;
	snprintf(out, DURATION_TEXT_SIZE, "%.3g %s", seconds / units[i].unit, units[i].name);
	return out;
}

const char *edge_period(const struct proof_edge *e, char out[static DURATION_TEXT_SIZE])
{
	if (e->certified_s > 0)
		return period_text(e->certified_s, out);
	snprintf(out, DURATION_TEXT_SIZE, "-");
	return out;
}

static void say_unseen(const struct proof_report *r, char out[static SENTENCE_SIZE])
{
	const struct proof *p = r->proof;

	snprintf(out, SENTENCE_SIZE,
		 "%.1f %% of host-hours were not seen (before a host's first call, after its last, "
		 "or with no call of any host), and %u of %u hosts were seen for less than half of "
		 "the time: nothing is said of them.",
		 unseen_percent(p), p->hosts - p->hosts_spoken, p->hosts);
}

static void say_few_calls(const struct proof_report *r, char out[static SENTENCE_SIZE])
{
	const struct proof *p = r->proof;
	const struct proof_step *s = p->edge_count ? proof_certified(&p->edges[0]) : NULL;

	if (s)
		snprintf(out, SENTENCE_SIZE,
			 "Slower or more random callers could have been missed: those certified "
			 "made %u to %u calls in the time seen, and whoever makes fewer is not "
			 "spoken of.",
			 s->tally.calls_least, s->tally.calls_most);
	else
		snprintf(out, SENTENCE_SIZE,
			 "Callers other than those tried could have been missed at any period.");
}

static void say_haunts(const struct proof_report *r, char out[static SENTENCE_SIZE])
{
	const struct proof *p = r->proof;

	snprintf(out, SENTENCE_SIZE,
		 "Calls hidden in a destination that has more than three times as many others: of "
		 "%zu names that these hosts call, %zu have more than %.0f calls.",
		 p->haunts, p->haunts_busier, p->haunt_calls);
}

static void say_forgotten(const struct proof_report *r, char out[static SENTENCE_SIZE])
{
	const struct coverage *c = r->coverage;

	snprintf(out, SENTENCE_SIZE,
		 "What was forgotten for want of memory: %llu groups with %llu calls; %llu calls "
		 "kept without their time; %llu flows cut short.",
		 (unsigned long long)c->timelines.evicted,
		 (unsigned long long)c->timelines.evicted_calls,
		 (unsigned long long)c->timelines.untimed, (unsigned long long)c->flows_evicted);
}

static void say_unread(const struct proof_report *r, char out[static SENTENCE_SIZE])
{
	const struct coverage *c = r->coverage;
	uint64_t unread = c->decoded[DECODE_TRUNCATED] + c->decoded[DECODE_MALFORMED] +
			  c->decoded[DECODE_UNSUPPORTED];

	snprintf(out, SENTENCE_SIZE,
		 "What was not read: %llu of %llu packets not decoded, %llu tunnels not opened, "
		 "%zu of %zu files broken; and links that nobody watched.",
		 (unsigned long long)unread, (unsigned long long)c->frames,
		 (unsigned long long)c->tunnels_unopened, r->files_broken, r->files);
}

const char *limit_sentence(const struct proof_report *r, size_t number,
			   char out[static SENTENCE_SIZE])
{
	static const char *const fixed[] = {
		"Callers without memory (exponential pauses, or only when the host calls anyway) "
		"cannot be told from ordinary traffic by their timing.",
		"One implant at a time, on a host drawn from those above; what a certain host "
		"shows may be less. That power falls as calls get rarer or more random is taken "
		"for granted.",
		"The implants were made odd in nothing but their destination and their timing; "
		"whoever sends much, speaks oddly or is on a list is found more easily.",
	};

	switch (number) {
	case 0:
		say_few_calls(r, out);
		return out;
	case 1:
		return fixed[0];
	case 2:
		say_haunts(r, out);
		return out;
	case 3:
		say_unseen(r, out);
		return out;
	case 4:
		say_unread(r, out);
		return out;
	case 5:
		say_forgotten(r, out);
		return out;
	case 6:
	case 7:
		return fixed[number - 5];
	default:
		return NULL;
	}
}
