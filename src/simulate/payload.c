/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/payload.h"

#include "simulate/payload_http.h"
#include "simulate/payload_tls.h"
#include "simulate/writer.h"

#include <netinet/in.h>

enum {
	LONGEST = SIM_MSS_V4,
	DNS_LONGEST = 1024,
	NTP_LENGTH = 48,
	DHCP_HEAD = 240, /* with the cookie in front of the options */
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

static void write_told(struct writer *w, const struct sim_call *c)
{
	char told[SIM_QUESTION_SIZE];
	size_t since;

	write_u16(w, 0xc000 | 12);
	write_u16(w, c->lookup.type);
	write_u16(w, 1);
	write_u32(w, c->lookup.ttl_s);
	since = write_length_later(w);
	if (c->lookup.type == SIM_DNS_TXT) {
		sim_call_told_text(c, told);
		write_u8(w, strlen(told));
		write_bytes(w, told, strlen(told));
	} else {
		sim_call_told_name(c, told);
		write_dns_name(w, told);
	}
	write_length_now(w, since);
}

static void write_dns_answers(struct writer *w, const struct sim_call *c)
{
	const struct sim_lookup *l = &c->lookup;
	size_t owner = 12; /* the question's name */

	if (l->told_chars)
		write_told(w, c);

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
	char question[SIM_QUESTION_SIZE];

	sim_call_question(c, question);
	write_u16(&w, c->id);
	write_u16(&w, response ? 0x8180u | l->rcode : 0x0100u);
	write_u16(&w, 1);
	write_u16(&w, response ? l->count + (l->alias ? 1u : 0u) + (l->told_chars ? 1u : 0u) : 0u);
	write_u32(&w, 0);
	write_dns_name(&w, question);
	write_u16(&w, l->type);
	write_u16(&w, 1);
	if (response)
		write_dns_answers(&w, c);
	return w.len;
}

size_t payload_dns_length(const struct sim_call *c, bool response)
{
	char text[SIM_QUESTION_SIZE];
	size_t len = 12 + 2 + 4;

	sim_call_question(c, text);
	len += strlen(text);
	if (!response)
		return len;
	if (c->lookup.alias)
		len += 12 + strlen(c->lookup.alias) + 2;
	if (c->lookup.told_chars && c->lookup.type == SIM_DNS_TXT) {
		len += 12 + 1u + c->lookup.told_chars;
	} else if (c->lookup.told_chars) {
		sim_call_told_name(c, text);
		len += 12 + 2 + strlen(text);
	}
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
	struct writer w = writer_over(out, p->len < NTP_LENGTH ? p->len : NTP_LENGTH);

	fill_noise(out, p->len, noise_seed(c, p));
	if (p->segment > 0)
		return;
	write_u8(&w, p->outward ? 0x23 : 0x24);
	write_u8(&w, p->outward ? 0 : 2);
	write_u8(&w, 10);
	write_u8(&w, 0xe9);
	if (c->implant)
		return; /* what looks like times is not */
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

/*
 *	0  1 asks, 2 tells; Ethernet, 6 bytes of address; number of the exchange
 *	12 the client's address, the one it gets, the server's, a relay's
 *	28 its card; 44 names of server and file; 236 the cookie; then options
 */
static void fill_dhcp(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	static const uint8_t tell[] = {53, 1, 5, 51, 4, 0, 0, 14, 16, 54, 4, 10, 0, 0, 3, 255};
	bool asks = c->tuple.src_port == 68;
	const struct address *a = &c->lookup.addresses[0];
	struct writer w = writer_over(out, p->len);

	CHECK(p->len >= DHCP_HEAD + sizeof(tell));
	memset(out, 0, p->len);
	write_u32(&w, asks ? 0x01010600 : 0x02010600);
	write_u32(&w, c->id);
	writer_take(&w, 8);
	write_bytes(&w, asks ? (const uint8_t[4]){0} : a->bytes + 12, 4);
	writer_take(&w, 8);
	write_u16(&w, 0x0200);
	write_bytes(&w, a->bytes + 12, 4);
	w.len = DHCP_HEAD - 4;
	write_u32(&w, 0x63825363);
	if (asks) { /* message type 1, requested address */
		write_u32(&w, 53u << 24 | 1u << 16 | 1u << 8 | 50);
		write_u8(&w, 4);
		write_bytes(&w, a->bytes + 12, 4);
		write_u8(&w, 255);
	} else { /* 5: here you are; lease of an hour; server */
		write_bytes(&w, tell, sizeof(tell));
	}
}

/* A protocol of its own, with a first byte that no guesser of protocols jumps at. */
static void fill_unknown(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	fill_noise(out, p->len, noise_seed(c, p));
	for (uint32_t i = 0; i < p->len && i < 8; i++)
		out[i] = (uint8_t) "home%s\r\n"[i];
}

/* As Linux fills a ping: the time in 16 bytes, then numbers in a row; and a reply brings it back.
 */
static void fill_ping(const struct sim_call *c, const struct sim_packet *p, uint8_t *out)
{
	enum { TIME = 16 };
	const uint64_t time[2] = {(uint64_t)(c->when / NS_PER_SEC),
				  (uint64_t)(c->when % NS_PER_SEC) / 1000};

	for (uint32_t i = 0; i < p->len; i++)
		out[i] = (uint8_t)(i < TIME ? time[i / 8] >> 8 * (i % 8) : i);
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
	case APP_DHCP:
		fill_dhcp(c, p, out);
		break;
	default:
		if (c->tuple.proto == IPPROTO_ICMP && !c->implant)
			fill_ping(c, p, out);
		else if (c->tuple.proto == IPPROTO_ICMP)
			fill_noise(out, p->len, noise_seed(c, p));
		else
			fill_unknown(c, p, out);
	}
}
