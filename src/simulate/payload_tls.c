/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/payload_tls.h"

#include "simulate/writer.h"

enum {
	RECORD_CHANGE_CIPHER = 20,
	RECORD_HANDSHAKE = 22,
	RECORD_DATA = 23,
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_SIGNATURES = 13,
	EXT_ALPN = 16,
	EXT_VERSIONS = 43,
	EXT_PSK_MODES = 45,
	EXT_KEY_SHARE = 51,
	TLS12 = 0x0303,
	TLS13 = 0x0304,
	X25519 = 29,
};

/* Four clients that differ as real ones do: in ciphers, groups and ALPN. */
static const struct stack {
	uint16_t ciphers[12], cipher_count;
	uint16_t groups[4], group_count;
	const char *alpn; /* NULL: no such extension */
} stacks[SIM_STACKS] = {
	{.ciphers = {0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0xc02f},
	 .cipher_count = 7,
	 .groups = {X25519, 23, 24},
	 .group_count = 3},
	{.ciphers = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8},
	 .cipher_count = 9,
	 .groups = {X25519, 23, 24, 25},
	 .group_count = 4,
	 .alpn = "h2"},
	{.ciphers = {0x1301, 0x1302, 0xc02b, 0xc02f},
	 .cipher_count = 4,
	 .groups = {X25519, 23},
	 .group_count = 2,
	 .alpn = "http/1.1"},
	{.ciphers = {0x1303, 0x1301, 0xcca8, 0xc030, 0xc02f},
	 .cipher_count = 5,
	 .groups = {X25519},
	 .group_count = 1},
};

static const uint16_t signatures[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501};

static void write_noise(struct writer *w, uint64_t seed, size_t len)
{
	for (size_t i = 0; i < len; i++)
		write_u8(w, sim_mix(seed + i));
}

static void write_server_name(struct writer *w, const char *name)
{
	size_t len = strlen(name);

	write_u16(w, EXT_SERVER_NAME);
	write_u16(w, len + 5);
	write_u16(w, len + 3);
	write_u8(w, 0); /* host_name */
	write_u16(w, len);
	write_bytes(w, name, len);
}

static void write_alpn(struct writer *w, const char *protocol)
{
	size_t len = strlen(protocol);

	write_u16(w, EXT_ALPN);
	write_u16(w, len + 3);
	write_u16(w, len + 1);
	write_u8(w, len);
	write_bytes(w, protocol, len);
}

static void write_key_share(struct writer *w, uint64_t seed, bool client)
{
	write_u16(w, EXT_KEY_SHARE);
	write_u16(w, client ? 38 : 36);
	if (client)
		write_u16(w, 36);
	write_u16(w, X25519);
	write_u16(w, 32);
	write_noise(w, seed, 32);
}

static void write_list(struct writer *w, uint16_t type, const uint16_t *items, size_t count)
{
	write_u16(w, type);
	write_u16(w, 2 * count + 2);
	write_u16(w, 2 * count);
	for (size_t i = 0; i < count; i++)
		write_u16(w, items[i]);
}

static void write_client_extensions(struct writer *w, const struct sim_call *c,
				    const struct stack *stack)
{
	size_t extensions = write_length_later(w);

	if (c->name)
		write_server_name(w, c->name);
	write_list(w, EXT_GROUPS, stack->groups, stack->group_count);
	write_list(w, EXT_SIGNATURES, signatures, ARRAY_LEN(signatures));
	if (stack->alpn)
		write_alpn(w, stack->alpn);
	write_u16(w, EXT_VERSIONS);
	write_u16(w, 5);
	write_u8(w, 4);
	write_u16(w, TLS13);
	write_u16(w, TLS12);
	write_u16(w, EXT_PSK_MODES);
	write_u16(w, 2);
	write_u16(w, 0x0101);
	write_key_share(w, c->id + 2, true);
	write_length_now(w, extensions);
}

/* The start of both hellos, which are alike: returns where to count from. */
static void write_hello_start(struct writer *w, uint8_t type, uint64_t seed, uint64_t session,
			      size_t *out_record, size_t *out_body)
{
	write_u8(w, RECORD_HANDSHAKE);
	write_u16(w, type == 1 ? 0x0301 : TLS12);
	*out_record = write_length_later(w);
	write_u8(w, type);
	write_u8(w, 0);
	*out_body = write_length_later(w);
	write_u16(w, TLS12);
	write_noise(w, seed, 32);
	write_u8(w, 32);
	write_noise(w, session, 32);
}

size_t payload_tls_client_hello(const struct sim_call *c, uint8_t *out, size_t size)
{
	const struct stack *stack = &stacks[c->stack % SIM_STACKS];
	struct writer w = writer_over(out, size);
	size_t record, body;

	write_hello_start(&w, 1, c->id, c->id + 1, &record, &body);
	write_u16(&w, (uint64_t)2 * stack->cipher_count);
	for (size_t i = 0; i < stack->cipher_count; i++)
		write_u16(&w, stack->ciphers[i]);
	write_u16(&w, 0x0100); /* one compression method: none */
	write_client_extensions(&w, c, stack);
	write_length_now(&w, body);
	write_length_now(&w, record);
	return w.len;
}

size_t payload_tls_client_hello_length(const struct sim_call *c)
{
	const struct stack *stack = &stacks[c->stack % SIM_STACKS];
	size_t len = 5 + 4 + 2 + 32 + 33; /* record, handshake, version, random, session */

	len += 2 + 2u * stack->cipher_count + 2 + 2; /* ciphers, compression, extensions */
	len += c->name ? 9 + strlen(c->name) : 0;
	len += 6 + 2u * stack->group_count + 6 + sizeof(signatures);
	len += stack->alpn ? 7 + strlen(stack->alpn) : 0;
	return len + 9 + 6 + 42; /* versions, key exchange modes, key share */
}

size_t payload_tls_server_hello(const struct sim_call *c, uint8_t *out, size_t size)
{
	struct writer w = writer_over(out, size);
	size_t record, body, extensions;

	write_hello_start(&w, 2, c->id + 3, c->id + 1, &record, &body);
	write_u16(&w, stacks[c->stack % SIM_STACKS].ciphers[0]);
	write_u8(&w, 0);
	extensions = write_length_later(&w);
	write_u16(&w, EXT_VERSIONS);
	write_u16(&w, 2);
	write_u16(&w, TLS13);
	write_key_share(&w, c->id + 4, false);
	write_length_now(&w, extensions);
	write_length_now(&w, body);
	write_length_now(&w, record);
	return w.len + payload_tls_change_cipher(out + w.len, size - w.len);
}

size_t payload_tls_change_cipher(uint8_t *out, size_t size)
{
	struct writer w = writer_over(out, size);

	write_u8(&w, RECORD_CHANGE_CIPHER);
	write_u16(&w, TLS12);
	write_u16(&w, 1);
	write_u8(&w, 1);
	return w.len;
}

size_t payload_tls_record(uint8_t *out, size_t len)
{
	struct writer w = writer_over(out, 5);

	write_u8(&w, RECORD_DATA);
	write_u16(&w, TLS12);
	write_u16(&w, len - 5);
	return w.len;
}
