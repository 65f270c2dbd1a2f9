/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/hazard.h"

#include <math.h>

#define LEAST_EXPOSURE 1e-9 /* equal waits would have an infinite hazard */

/* Does the last block have at least the hazard of the one before it? */
static bool rises(const struct hazard_block *blocks, size_t count)
{
	const struct hazard_block *last = &blocks[count - 1], *before = &blocks[count - 2];

	return last->ended * before->exposure >= before->ended * last->exposure;
}

double hazard_log_likelihood(const double *wait_s, size_t n, struct hazard_block *blocks)
{
	double previous_s = 0, sum = 0;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		double exposure = (double)(n - i) * (wait_s[i] - previous_s);

		previous_s = wait_s[i];
		blocks[count++] = (struct hazard_block){fmax(exposure, LEAST_EXPOSURE), 1};
		while (count > 1 && rises(blocks, count)) {
			count--;
			blocks[count - 1].exposure += blocks[count].exposure;
			blocks[count - 1].ended += blocks[count].ended;
		}
	}
	for (size_t i = 0; i < count; i++)
		sum += blocks[i].ended * log(blocks[i].ended / blocks[i].exposure);
	return sum - (double)n;
}
