/* SPDX-License-Identifier: Apache-2.0 */
#include "input/input.h"

#include "input/recognise.h"

_Static_assert((int)INPUT_BUFFERS_MAX == (int)BYTES_BUFFERS_MAX,
	       "the sink is promised what bytes.h keeps");

/*
 * What the plan found is not taken on trust: a file may have been rotated
 * since, and standard input could not be looked at before.
 */
int input_read(const struct input_file *file, const struct input_sink *sink, struct complaint *why)
{
	struct recognised what;
	struct bytes *bytes;
	int rc = bytes_open(file->path, &bytes, why);

	if (rc)
		return rc;
	if (sink->progress)
		bytes_watch(bytes, sink->progress, sink->progress_arg);
	rc = recognise(bytes, &what, why);
	if (!rc && sink->turn && (what.format == INPUT_PCAP || what.format == INPUT_PCAPNG))
		rc = bytes_lend(bytes, &(struct bytes_lending){.buffers = sink->buffers,
							       .turn = sink->turn,
							       .run = sink->run,
							       .await = sink->await,
							       .arg = sink->arg});
	if (!rc)
		rc = read_recognised(bytes, &what, sink, why);
	if (sink->turn)
		sink->turn(sink->arg, true);
	bytes_close(bytes);
	return rc;
}
