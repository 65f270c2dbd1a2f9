/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello_cost - CPU nanoseconds for what a new conversation costs in TLS and QUIC:
 *
 *	make build/release/bench/hello_cost && build/release/bench/hello_cost
 *
 * Each line is the median of 15 rounds.
 */
#include "quic_maker.h"
#include "hello_bytes.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 15, TIMES = 20000 };

struct task {
	const char *name;
	struct bytes bytes;
	void (*run)(struct task *task);
	struct quic_keys *keys;
	struct quic_secret secret;
	struct quic_opening opening;
	uint64_t sum; /* so that nothing is left out */
};

static void run_hello(struct task *t)
{
	struct tls_hello hello;

	t->sum += tls_parse_hello(t->bytes.at, t->bytes.len, &hello) + (uint64_t)hello.ja4[12];
}

static void run_cut_hello(struct task *t)
{
	struct tls_hello hello;

	t->sum += tls_parse_hello(t->bytes.at, t->bytes.len - 1, &hello) + hello.sni_len;
}

static void run_needs(struct task *t)
{
	t->sum += tls_needs(t->bytes.at, t->bytes.len);
}

static void run_server(struct task *t)
{
	struct tls_server server;

	t->sum += tls_parse_server(t->bytes.at, t->bytes.len, NULL, &server) + server.cipher;
}

static void run_quic(struct task *t)
{
	struct tls_hello hello;

	t->opening.keyed = false;
	t->opening.hello.filled = t->opening.hello.high = 0;
	t->sum += quic_read(t->keys, &t->opening, t->bytes.at, t->bytes.len, &hello);
	t->sum += (uint64_t)hello.ja4[12];
}

static void run_derive(struct task *t)
{
	quic_keys_derive(QUIC_V1, t->bytes.at, 8, &t->secret);
	t->sum += t->secret.key[0];
}

static void run_open(struct task *t)
{
	uint8_t out[2048];

	t->sum += quic_keys_open(t->keys, &t->secret, t->bytes.at, 18, t->bytes.len, out);
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct task *t)
{
	double ns[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_ns();

		for (int i = 0; i < TIMES; i++)
			t->run(t);
		ns[round] = (cpu_ns() - start) / TIMES;
	}
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	printf("%-44s %5zu bytes %8.0f ns\n", t->name, t->bytes.len, ns[ROUNDS / 2]);
}

int main(void)
{
	static const uint8_t id[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
	static struct task tasks[] = {
		{.name = "ClientHello, JA3, JA4", .run = run_hello},
		{.name = "ClientHello without its last byte", .run = run_cut_hello},
		{.name = "tls_needs() of it", .run = run_needs},
		{.name = "server flight with a certificate", .run = run_server},
		{.name = "QUIC datagram to JA4", .run = run_quic},
		{.name = "QUIC keys alone", .run = run_derive},
		{.name = "QUIC packet opened alone", .run = run_open},
	};
	static const char *const hex[] = {
		hello_tls13,	  hello_tls13,	    hello_tls13,      flight_tls12,
		rfc_9001_initial, rfc_9001_initial, rfc_9001_initial,
	};
	struct quic_keys *keys = quic_keys_new();
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
		tasks[i].keys = keys;
		tasks[i].bytes = draw(hex[i]);
		quic_keys_derive(QUIC_V1, id, sizeof(id), &tasks[i].secret);
		measure(&tasks[i]);
		sum += tasks[i].sum;
		free(tasks[i].bytes.at);
	}
	quic_keys_free(keys);
	return sum == 0;
}
