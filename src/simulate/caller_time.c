/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/caller_time.h"

static struct law_setting setting_from(const struct world *w, ns_t origin)
{
	return (struct law_setting){
		.epoch_s = (double)origin / 1e9,
		.horizon_s = (double)(w->end - origin) / 1e9,
		.rate = w->rate,
	};
}

struct host_boot caller_next_boot(const struct caller *k, const struct world *w, ns_t after)
{
	bool stays = k->from_bmc || k->pick == PICK_STRANGER;

	if (stays)
		return (struct host_boot){INT64_MAX, INT64_MAX};
	return host_next_boot(&w->hosts[k->host], w->start, after);
}

/* Its host goes down before that, so it starts anew when the host is up again. */
static void mind_boots(struct caller *k, const struct world *w, ns_t now)
{
	struct host_boot boot = caller_next_boot(k, w, now);
	struct law_setting setting;
	double first_s;

	if (k->next < boot.down)
		return;
	if (boot.up >= w->end) {
		k->next = w->end;
		return;
	}
	setting = setting_from(w, boot.up);
	k->origin = boot.up;
	if (k->service && k->service->wakes_s > 0) {
		first_s = random_log_normal(&k->random, k->service->wakes_s, 0.3);
		law_restart(k->law, &setting, first_s, &k->law_state);
	} else {
		first_s = 1 + law_first(k->law, &setting, &k->law_state, &k->random);
	}
	k->next = boot.up + ns_from_s(first_s);
	mind_boots(k, w, boot.up);
}

/* The beats of such an implant are the boots of its host. */
void caller_wait_for_boot(struct caller *k, const struct world *w)
{
	struct host_boot boot = host_next_boot(&w->hosts[k->host], w->start, k->next);
	double after_s = random_between(&k->random, 0.4, 0.9);

	if (boot.up >= w->end) {
		k->next = w->end;
		return;
	}
	if (k->implant && k->implant->boot == BOOT_EARLY)
		k->next = boot.up - (ns_t)(0.5 * (double)(boot.up - boot.down));
	else
		k->next = boot.up + (k->implant ? ns_from_s(after_s) : 0);
	/* it may still be this boot whose early call was just made */
	if (k->calls && k->origin == boot.up) {
		k->next = boot.up;
		caller_wait_for_boot(k, w);
		return;
	}
	k->origin = boot.up;
}

static void next_beat(struct caller *k, const struct world *w)
{
	ns_t at, now = k->next;

	if (k->implant && k->implant->boot != BOOT_NEVER) {
		caller_wait_for_boot(k, w);
		return;
	}
	at = k->origin + ns_from_s(law_next(k->law, &k->law_state, &k->random));
	k->next = at > k->next ? at : k->next;
	mind_boots(k, w, now);
}

void caller_advance(struct caller *k, const struct world *w)
{
	const struct implant *im = k->implant;

	k->target = NULL;
	if (im && im->burst > 1 && ++k->left < im->burst) {
		k->next += ns_from_s(random_log_normal(&k->random, im->gap_s, 0.2));
		return;
	}
	k->left = 0;
	next_beat(k, w);
	if (im && im->calls && k->calls >= im->calls)
		k->next = w->end;
}

void caller_start_law(struct caller *k, const struct world *w, ns_t origin)
{
	struct law_setting setting = setting_from(w, origin);

	k->origin = origin;
	k->next = origin + ns_from_s(law_first(k->law, &setting, &k->law_state, &k->random));
	mind_boots(k, w, origin);
}

void caller_start_booting(struct caller *k, const struct world *w)
{
	k->next = w->start;
	caller_wait_for_boot(k, w);
}
