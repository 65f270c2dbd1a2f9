/* SPDX-License-Identifier: Apache-2.0 */
#include "report/advice.h"

#include <string.h>

struct advice {
	enum finding_kind kind;
	const char *evidence; /* that has to speak for it; NULL: any */
	const char *next, *unless;
};

/* The first that fits. */
static const struct advice table[] = {
	{FINDING_BEACON, "peers",
	 "look for one process on the host that opens all of these connections; ask whether any of "
	 "the peers is known to somebody, and block them together, for one alone changes nothing",
	 "software that is meant to talk to peers (a cluster, a blockchain, file sharing) and "
	 "somebody who runs it on this host"},
	{FINDING_BEACON, "hopping",
	 "find the process that opens these connections; block the network or the name as a whole, "
	 "and watch where it goes next",
	 "a service that is known to answer from many addresses or ports, and a reason why no "
	 "other host uses it"},
	{FINDING_BEACON, "follows-load",
	 "compare what is sent with what the host serves at that time; find the process, and what "
	 "it "
	 "can read of the traffic served",
	 "an agent that reports on the application's work (monitoring, tracing, billing), known to "
	 "whoever runs the application"},
	{FINDING_BEACON, NULL,
	 "find the process that opens these connections on the host at the next beat; if no "
	 "process "
	 "does, look below the operating system",
	 "a configured job, agent or update check on this host with this period and this "
	 "destination"},
	{FINDING_RETRY, NULL,
	 "find the process that keeps trying; ask who owned the destination, and whether other "
	 "hosts "
	 "ever reached it",
	 "a service that moved or was switched off, and a configuration on this host that still "
	 "names it"},
	{FINDING_LONG_CONNECTION, NULL,
	 "find the process that holds the connection, and what it sends while it lasts",
	 "a tunnel, message queue or remote desktop that its owner knows, to a place that is his"},
	{FINDING_TUNNEL, "icmp-tunnel",
	 "record a few of these echoes and look at what they carry; on the host, look for a "
	 "process "
	 "with a raw socket; let only monitoring send echoes outside",
	 "a monitoring or path-measuring tool whose echoes are known to carry what was seen"},
	{FINDING_TUNNEL, "dns-tunnel",
	 "look up who registered the domain and since when; find the process that asks for it (the "
	 "resolver's query log names the host, the host's own log the process); then block the "
	 "domain at the resolver",
	 "a product that is known to ask questions of this form (anti-virus, block lists, "
	 "telemetry, a content network) and is installed here"},
	{FINDING_TUNNEL, NULL,
	 "record some of this traffic and look at what it carries; find the process that sends it",
	 "software that is known to speak like that over this protocol"},
	{FINDING_EXFILTRATION, NULL,
	 "find out what was sent: the process, the files it had open, the account it ran under; "
	 "keep "
	 "the host's memory and disk before it is cleaned up",
	 "a backup, an export or a copy to a place of the company's own, which somebody asked for "
	 "at "
	 "that time"},
	{FINDING_SHELL, NULL,
	 "look at the process at this end, its parent and its terminal, before anything is closed; "
	 "cut the host off if nobody can explain it",
	 "a remote support or administration session that was agreed upon, or a protocol in which "
	 "the far end asks and this end answers"},
	{FINDING_BOOT, NULL,
	 "hold the first packets against what the operating system had started by then; if it was "
	 "before the system was up, look at firmware, network card and management controller",
	 "a step of the boot that calls there by design: network boot, cloud metadata, licence or "
	 "attestation"},
	{FINDING_LISTED, NULL,
	 "read why the list names it, and what else it names; find the process that asked for it "
	 "on "
	 "the host, and when it first did",
	 "the entry is out of date, or names a place that many share, and somebody can say what "
	 "this "
	 "host wants there"},
	{FINDING_UNEXPLAINED, NULL,
	 "find the process behind it and the reason why this host goes where no other does",
	 "an owner who names the service and why it needs no look-up or server name"},
};

static bool speaks_for(const struct finding *f, const char *name)
{
	for (size_t i = 0; i < f->evidence_count; i++)
		if (f->evidence[i].weight_db > 0 && !strcmp(f->evidence[i].name, name))
			return true;
	return false;
}

static const struct advice *advice_for(const struct finding *f)
{
	const struct advice *a = table;

	while (a->kind != f->kind || (a->evidence && !speaks_for(f, a->evidence)))
		a++; /* every kind has a line for any evidence */
	return a;
}

const char *next_step(const struct finding *f)
{
	return advice_for(f)->next;
}

const char *mind_changer(const struct finding *f)
{
	return advice_for(f)->unless;
}
