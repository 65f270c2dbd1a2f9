/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/payload.h"

#include "simulate/payload_http.h"
#include "simulate/payload_tls.h"
#include "simulate/writer.h"

enum {
	LONGEST = SIM_MSS_V4,
	DNS_LONGEST = 512,
};

static const uint64_t ntp_epoch_s = 2208988800u; /* from 1900 to 1970 */

/* Noise that costs one multiplication per eight bytes. */
static void fill_noise(uint8_t *out, size_t len, uint64_t seed)
{
	uint64_t x = sim_mix(seed) | 1;

	for (; len >= 8; len -= 8, out += 8) {
		x *= 0xd1342543de82ef95u;

		uint64_t word = x ^ x >> 32;

		for (int i = 0; i < 8; i++)
			out[i] = (uint8_t)(word >> 8 * i);
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(sim_mix(x + i));
}

static void fill_text(uint8_t *out, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)letters[i % (sizeof(letters) - 1)];
}

static uint64_t noise_seed(const struct sim_call *c, const struct sim_packet *p)
{
	return c->id ^ p->number << 20;
}

/* --- TLS --------------------------------------------------------------- */

static void fill_tls(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	size_t used = 0;

	if (p->exchange == 0 && p->outward) {
		used = payload_tls_client_hello(c, out, LONGEST);
		CHECK(used == p->len);
		return;
	}
	if (p->segment == 0 && p->exchange == 0)
		used = payload_tls_server_hello(c, out, LONGEST);
	else if (p->segment == 0 && p->exchange == 1 && p->outward)
		used = payload_tls_change_cipher(out, LONGEST);
	CHECK(p->len - used > 5);
	used += payload_tls_record(out + used, p->len - used);
	fill_noise(out + used, p->len - used, noise_seed(c, p));
}

/* --- HTTP -------------------------------------------------------------- */

static void fill_http(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	static const uint8_t end[] = {'\r', '\n', '\r', '\n'};
	size_t used = p->segment == 0 ? payload_http_head(c, p, out) : 0;

	if (!p->outward) {
		fill_noise(out + used, p->len - used, noise_seed(c, p));
		return;
	}
	fill_text(out + used, p->len - used);
	if (!payload_http_is_post(c->out_bytes)) /* the end of the cookie and of the headers */
		memcpy(out + p->len - sizeof(end), end, sizeof(end));
}

/* --- DNS --------------------------------------------------------------- */

static void write_dns_name(struct writer *w, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		write_u8(w, n);
		write_bytes(w, name, n);
		name += n + (name[n] == '.');
	}
	write_u8(w, 0);
}

static void write_dns_answers(struct writer *w, const struct sim_lookup *l)
{
	size_t owner = 12; /* the question's name */

	if (l->alias) {
		write_u16(w, 0xc000 | owner);
		write_u16(w, 5); /* CNAME */
		write_u16(w, 1);
		write_u32(w, l->ttl_s);

		size_t since = write_length_later(w);

		owner = since;
		write_dns_name(w, l->alias);
		write_length_now(w, since);
	}
	for (size_t i = 0; i < l->count; i++) {
		const struct address *a = &l->addresses[i];
		size_t len = a->version == 4 ? 4 : 16;

		write_u16(w, 0xc000 | owner);
		write_u16(w, a->version == 4 ? SIM_DNS_A : SIM_DNS_AAAA);
		write_u16(w, 1);
		write_u32(w, l->ttl_s);
		write_u16(w, len);
		write_bytes(w, a->bytes + 16 - len, len);
	}
}

static size_t build_dns(const struct sim_call *c, bool response, uint8_t *out)
{
	const struct sim_lookup *l = &c->lookup;
	struct writer w = writer_over(out, DNS_LONGEST);

	write_u16(&w, c->id);
	write_u16(&w, response ? 0x8180u | l->rcode : 0x0100u);
	write_u16(&w, 1);
	write_u16(&w, response ? l->count + (l->alias ? 1u : 0u) : 0u);
	write_u32(&w, 0);
	write_dns_name(&w, c->name);
	write_u16(&w, l->type);
	write_u16(&w, 1);
	if (response)
		write_dns_answers(&w, l);
	return w.len;
}

size_t payload_dns_length(const struct sim_call *c, bool response)
{
	size_t len = 12 + strlen(c->name) + 2 + 4;

	if (!response)
		return len;
	if (c->lookup.alias)
		len += 12 + strlen(c->lookup.alias) + 2;
	for (size_t i = 0; i < c->lookup.count; i++)
		len += 12 + (c->lookup.addresses[i].version == 4 ? 4u : 16u);
	return len;
}

/* --- NTP, SSH ---------------------------------------------------------- */

/*
 *	0  flags: leap 0, version 4, mode 3 (client) or 4 (server)
 *	1  stratum, poll, precision
 *	4  root delay, root dispersion, reference id
 *	16 reference, originate, receive, transmit time, 64 bits each
 */
static void write_ntp_time(struct writer *w, ns_t t)
{
	write_u32(w, (uint64_t)(t / NS_PER_SEC) + ntp_epoch_s);
	write_u32(w, ((uint64_t)(t % NS_PER_SEC) << 32) / (uint64_t)NS_PER_SEC);
}

static void fill_ntp(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	struct writer w = writer_over(out, p->len);

	write_u8(&w, p->outward ? 0x23 : 0x24);
	write_u8(&w, p->outward ? 0 : 2);
	write_u8(&w, 10);
	write_u8(&w, 0xe9);
	if (p->outward) {
		memset(writer_take(&w, 36), 0, 36);
	} else {
		write_u32(&w, 0x0120);
		write_u32(&w, 0x0080);
		write_u32(&w, 0xc0000201);
		write_ntp_time(&w, p->when - 100 * NS_PER_SEC);
		write_ntp_time(&w, c->when);
		write_ntp_time(&w, c->when + c->rtt / 2);
	}
	write_ntp_time(&w, p->outward ? p->when : c->when + c->rtt / 2);
}

/* length of what follows, padding length, type 2, string; padding of 8 */
static void fill_ssh_packet(const struct sim_call *c, const struct sim_packet *p, uint8_t *out,
			    size_t len)
{
	struct writer w = writer_over(out, len);

	CHECK(len >= 18);
	write_u32(&w, len - 4);
	write_u8(&w, 8);
	write_u8(&w, 2);
	write_u32(&w, len - 18);
	fill_noise(writer_take(&w, len - 18), len - 18, noise_seed(c, p));
	memset(writer_take(&w, 8), 0, 8);
}

static void fill_ssh(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	static const char banner[] = "SSH-2.0-fleet_1\r\n";
	size_t used = 0;

	if (p->exchange == 0 && p->segment == 0) {
		used = sizeof(banner) - 1;
		memcpy(out, banner, used);
	}
	fill_ssh_packet(c, p, out + used, p->len - used);
}

/* A protocol of its own, with a first byte that no guesser of protocols jumps at. */
static void fill_unknown(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	fill_noise(out, p->len, noise_seed(c, p));
	for (uint32_t i = 0; i < p->len && i < 8; i++)
		out[i] = (uint8_t) "home%s\r\n"[i];
}

void payload_fill(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	if (p->len == 0)
		return;
	switch (c->app) {
	case APP_TLS:
		fill_tls(c, p, out);
		break;
	case APP_HTTP:
		fill_http(c, p, out);
		break;
	case APP_DNS: {
		uint8_t message[DNS_LONGEST];
		size_t len = build_dns(c, !p->outward, message);

		CHECK(len == p->len);
		memcpy(out, message, len);
		break;
	}
	case APP_NTP:
		fill_ntp(c, p, out);
		break;
	case APP_SSH:
		fill_ssh(c, p, out);
		break;
	default:
		fill_unknown(c, p, out);
	}
}
