/* SPDX-License-Identifier: Apache-2.0 */
#include "input/input.h"

#include "input/recognise.h"

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
		bytes_watch(bytes, sink->progress, sink->arg);
	rc = recognise(bytes, &what, why);
	if (!rc)
		rc = read_recognised(bytes, &what, sink, why);
	bytes_close(bytes);
	return rc;
}
