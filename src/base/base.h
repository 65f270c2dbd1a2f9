/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h - the few words every other file uses.
 *
 * Include this first.  It depends on nothing of ours and never will.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The compiler complains when the result of such a function is ignored. */
#define MUST_USE __attribute__((warn_unused_result))

/* `AUTO(free_str) char *s = ...;` frees s on every way out of the scope. */
#define AUTO(fn) __attribute__((cleanup(fn)))

#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Nanoseconds since the Unix epoch.  The only time unit between rooms. */
typedef int64_t ns_t;
#define NS_PER_SEC ((ns_t)1000000000)
#define NS_PER_MS  ((ns_t)1000000)

/* Between two times, whichever is first; without overflow. */
static inline uint64_t ns_apart(ns_t a, ns_t b)
{
	return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

/*
 * Never compiled out.  A monitor that carries on from a broken invariant
 * reports "clean" about traffic it has lost track of; stopping is kinder.
 */
#define CHECK(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))
_Noreturn void check_failed(const char *what, const char *file, int line);

/* A decoder's answer: odd traffic is normal, so these are counted, not logged. */
enum decode_verdict {
	DECODE_OK,	    /* understood */
	DECODE_NOT_IP,	    /* ARP, LLDP, spanning tree ...: fine, but not a conversation */
	DECODE_FRAGMENT,    /* a piece of an IP datagram: without ports until it is put together */
	DECODE_TRUNCATED,   /* the capture stops before the headers do */
	DECODE_MALFORMED,   /* the headers contradict themselves */
	DECODE_UNSUPPORTED, /* a link type or encapsulation that we do not read */
	DECODE_VERDICTS
};
