/* SPDX-License-Identifier: Apache-2.0 */
#include "stat/posterior.h"

#include <math.h>

static void swap_cells(struct posterior_cell *a, struct posterior_cell *b)
{
	struct posterior_cell swap = *a;

	*a = *b;
	*b = swap;
}

static void sift_up(struct posterior_cell *heap, size_t at)
{
	for (size_t up; at > 0 && heap[up = (at - 1) / 2].ln_weight > heap[at].ln_weight; at = up)
		swap_cells(&heap[up], &heap[at]);
}

static void sift_down(struct posterior_cell *heap, size_t n)
{
	for (size_t at = 0, least;; at = least) {
		least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
			if (heap[child].ln_weight < heap[least].ln_weight)
				least = child;
		if (least == at)
			return;
		swap_cells(&heap[at], &heap[least]);
	}
}

double posterior_bar(const struct posterior *posterior, size_t first)
{
	return posterior->count - first < POSTERIOR_PER_LEVEL ? -INFINITY
							      : posterior->cell[first].ln_weight;
}

void posterior_add(struct posterior *posterior, size_t first, const struct posterior_cell *cell)
{
	struct posterior_cell *heap = posterior->cell + first;
	size_t n = posterior->count - first;

	if (n < POSTERIOR_PER_LEVEL) {
		CHECK(posterior->count < ARRAY_LEN(posterior->cell));
		heap[n] = *cell;
		posterior->count++;
		sift_up(heap, n);
	} else if (cell->ln_weight > heap[0].ln_weight) {
		heap[0] = *cell;
		sift_down(heap, n);
	}
}
