/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

static uint64_t rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

struct random random_from_seed(uint64_t seed)
{
	struct random r;

	for (size_t i = 0; i < ARRAY_LEN(r.s); i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15u;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		r.s[i] = z ^ z >> 31;
	}
	return r;
}

uint64_t random_u64(struct random *r)
{
	uint64_t result = rotl(r->s[0] + r->s[3], 23) + r->s[0];
	uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotl(r->s[3], 45);
	return result;
}

double random_unit(struct random *r)
{
	return ((double)(random_u64(r) >> 11) + 0.5) * 0x1p-53;
}

double random_between(struct random *r, double low, double high)
{
	return low + (high - low) * random_unit(r);
}

uint64_t random_below(struct random *r, uint64_t bound)
{
	CHECK(bound > 0);
	return (uint64_t)(((wide)random_u64(r) * bound) >> 64);
}

double random_exponential(struct random *r, double mean)
{
	return -mean * log(random_unit(r));
}

double random_normal(struct random *r)
{
	double u = random_unit(r), v = random_unit(r);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

double random_log_normal(struct random *r, double median, double sigma)
{
	return median * exp(sigma * random_normal(r));
}

bool random_chance(struct random *r, double probability)
{
	return random_unit(r) < probability;
}
