/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evade - write pairs of captures that tell the same story.
 *
 *	evade KIND PLAIN.pcap EVASIVE.pcap
 *	evade			list the kinds
 *
 * The evasive one is played the trick of that kind: fragments, odd segments,
 * tunnels, ...  A scan must find the same in both; see test/cmd/evasion.sh.
 */
#include "tricks.h"

#include <stdio.h>
#include <string.h>

static const struct trick *const all[] = {
	tricks_of_fragments, tricks_of_streams, tricks_of_sight, tricks_of_tunnels, tricks_of_reuse,
};

static const struct trick *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct trick *t = all[i]; t->name; t++)
			if (!strcmp(t->name, name))
				return t;
	return NULL;
}

static void list(void)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (const struct trick *t = all[i]; t->name; t++)
			puts(t->name);
}

int main(int argc, char **argv)
{
	struct tape plain = {0}, told = {0}, played = {0};
	const struct trick *trick;

	if (argc == 1) {
		list();
		return 0;
	}
	trick = find(argv[1]);
	if (argc != 4 || !trick) {
		fprintf(stderr, "usage: evade KIND PLAIN.pcap EVASIVE.pcap\n");
		return 2;
	}
	story_tell(&trick->plain, &plain);
	tape_write(&plain, argv[2]);
	story_tell(&trick->evasive, &told);
	if (trick->play)
		trick->play(&told, &played, trick->how);
	tape_write(trick->play ? &played : &told, argv[3]);
	tape_fini(&plain);
	tape_fini(&told);
	tape_fini(&played);
	return 0;
}
