/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/entropy.h"

#include <string.h>

/* Variances from the mean that pass: 4.5 and 5 standard deviations, squared, in quarters. */
enum { HIGH_LIMIT = 81, PAIRS_LIMIT = 100 };

/* n bytes, `high` of them with the top bit set: mean n / 2, variance n / 4. */
static bool high_bits_balance(int64_t high, int64_t n)
{
	int64_t off = 2 * high - n; /* standard deviation: the square root of n */

	return 4 * off * off <= HIGH_LIMIT * n;
}

/*
 * Of n bytes that are all alike in chance, m = n (n - 1) / 512 pairs are equal in
 * the mean, and since pairs are nearly independent m is the variance too.
 */
static bool pairs_balance(const uint16_t count[256], int64_t n)
{
	int64_t pairs = 0, off, mean512 = n * (n - 1);

	for (int i = 0; i < 256; i++)
		pairs += (int64_t)count[i] * (count[i] - 1);
	off = 256 * pairs - mean512; /* 512 times what there is beyond the mean */
	return 4 * off * off <= PAIRS_LIMIT * 512 * mean512;
}

bool entropy_looks_random(const uint8_t *bytes, size_t len)
{
	uint16_t count[256] = {0};
	int64_t high = 0;

	if (len < ENTROPY_MIN)
		return false;
	if (len > ENTROPY_MAX)
		len = ENTROPY_MAX;
	for (size_t i = 0; i < len; i++) {
		count[bytes[i]]++;
		high += bytes[i] >> 7;
	}
	return high_bits_balance(high, (int64_t)len) && pairs_balance(count, (int64_t)len);
}

/* H = log n - sum (c log c) / n; the sum grows by what each byte adds to its count. */
unsigned int entropy_millibits(const uint8_t *bytes, size_t len)
{
	/* 1000 c log2 c */
	static const uint32_t c_log_c[256] = {
		0,	 0,	  2000,	   4755,    8000,    11610,   15510,   19651,	24000,
		28529,	 33219,	  38054,   43020,   48106,   53303,   58603,   64000,	69487,
		75059,	 80711,	  86439,   92239,   98107,   104042,  110039,  116096,	122211,
		128382,	 134606,  140881,  147207,  153580,  160000,  166465,  172974,	179525,
		186117,	 192750,  199421,  206131,  212877,  219660,  226477,  233329,	240215,
		247133,	 254084,  261066,  268078,  275121,  282193,  289294,  296423,	303580,
		310764,	 317975,  325212,  332475,  339763,  347076,  354413,  361775,	369160,
		376569,	 384000,  391454,  398930,  406428,  413947,  421488,  429050,	436632,
		444235,	 451857,  459500,  467161,  474842,  482543,  490261,  497999,	505754,
		513528,	 521319,  529128,  536955,  544798,  552659,  560536,  568430,	576340,
		584267,	 592209,  600168,  608142,  616131,  624136,  632156,  640192,	648242,
		656306,	 664386,  672479,  680587,  688710,  696846,  704996,  713160,	721337,
		729528,	 737732,  745950,  754180,  762424,  770680,  778949,  787231,	795526,
		803833,	 812152,  820483,  828827,  837182,  845550,  853929,  862320,	870723,
		879137,	 887563,  896000,  904448,  912908,  921378,  929860,  938353,	946856,
		955370,	 963895,  972430,  980976,  989533,  998100,  1006677, 1015264, 1023862,
		1032469, 1041087, 1049714, 1058352, 1066999, 1075656, 1084323, 1092999, 1101685,
		1110380, 1119085, 1127799, 1136523, 1145255, 1153997, 1162748, 1171508, 1180278,
		1189056, 1197843, 1206639, 1215443, 1224257, 1233079, 1241909, 1250749, 1259596,
		1268453, 1277318, 1286191, 1295072, 1303962, 1312860, 1321766, 1330681, 1339603,
		1348534, 1357472, 1366419, 1375373, 1384335, 1393306, 1402284, 1411269, 1420263,
		1429264, 1438273, 1447289, 1456313, 1465344, 1474383, 1483429, 1492483, 1501544,
		1510613, 1519688, 1528771, 1537861, 1546959, 1556063, 1565175, 1574293, 1583419,
		1592552, 1601691, 1610838, 1619992, 1629152, 1638319, 1647493, 1656674, 1665861,
		1675056, 1684257, 1693464, 1702678, 1711899, 1721126, 1730360, 1739601, 1748848,
		1758101, 1767360, 1776627, 1785899, 1795178, 1804463, 1813754, 1823052, 1832355,
		1841665, 1850981, 1860304, 1869632, 1878967, 1888307, 1897654, 1907006, 1916365,
		1925729, 1935100, 1944476, 1953859, 1963247, 1972641, 1982040, 1991446, 2000857,
		2010275, 2019697, 2029126, 2038560,
	};
	uint8_t count[256] = {0};
	uint32_t sum = 0;
	uint32_t n = (uint32_t)(len < 255 ? len : 255);

	if (n == 0)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t c = count[bytes[i]]++;

		sum += c_log_c[c + 1] - c_log_c[c];
	}
	return (c_log_c[n] - sum) / n;
}
