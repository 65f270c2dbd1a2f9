/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_maker.h - the other side of quic.h: seal Initial packets as a client does.
 *
 * Keys come from quic_keys_derive(), which its own test holds against the RFCs.
 */
#pragma once

#include "proto/quic.h"

#include <openssl/evp.h>
#include <string.h>

enum { MAKER_MAX = 2048 };

struct quic_packet {
	uint8_t bytes[MAKER_MAX];
	size_t len;
};

struct quic_maker {
	uint32_t version;
	const uint8_t *id; /* written as the destination */
	size_t id_len;
	struct quic_secret secret;
	uint32_t number; /* goes up with each packet */
	size_t token_len;
	EVP_CIPHER_CTX *gcm, *ecb;
};

static inline struct quic_maker quic_maker(uint32_t version, const uint8_t *id, size_t id_len)
{
	struct quic_maker m = {.version = version, .id = id, .id_len = id_len};

	quic_keys_derive(version, id, id_len, &m.secret);
	m.gcm = EVP_CIPHER_CTX_new();
	m.ecb = EVP_CIPHER_CTX_new();
	CHECK(m.gcm && m.ecb);
	CHECK(EVP_EncryptInit_ex(m.gcm, EVP_aes_128_gcm(), NULL, m.secret.key, NULL) == 1);
	CHECK(EVP_EncryptInit_ex(m.ecb, EVP_aes_128_ecb(), NULL, m.secret.hp, NULL) == 1);
	return m;
}

static inline void quic_maker_fini(struct quic_maker *m)
{
	EVP_CIPHER_CTX_free(m->gcm);
	EVP_CIPHER_CTX_free(m->ecb);
}

static inline size_t put_number(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return bytes;
}

/* Up to where the packet number starts, for `text` bytes of plain text and a number of 2. */
static inline size_t put_header(const struct quic_maker *m, uint8_t *at, size_t text)
{
	size_t len = 1;

	at[0] = m->version == QUIC_V2 ? 0xd1 : 0xc1;
	len += put_number(at + len, m->version, 4);
	at[len++] = (uint8_t)m->id_len;
	memcpy(at + len, m->id, m->id_len);
	len += m->id_len;
	at[len++] = 0;
	len += put_number(at + len, 0x4000 | m->token_len, 2);
	memset(at + len, 0xaa, m->token_len);
	len += m->token_len;
	len += put_number(at + len, 0x4000 | (text + 2 + QUIC_TAG_BYTES), 2);
	return len;
}

static inline struct quic_packet quic_seal(struct quic_maker *m, const uint8_t *text, size_t len)
{
	struct quic_packet p;
	uint8_t *number, *sealed, mask[16], iv[12];
	int n = 0;

	p.len = put_header(m, p.bytes, len);
	number = p.bytes + p.len;
	sealed = number + 2;
	put_number(number, ++m->number, 2);
	memcpy(iv, m->secret.iv, sizeof(iv));
	iv[10] ^= number[0];
	iv[11] ^= number[1];
	CHECK(EVP_EncryptInit_ex(m->gcm, NULL, NULL, NULL, iv) == 1);
	CHECK(EVP_EncryptUpdate(m->gcm, NULL, &n, p.bytes, (int)p.len + 2) == 1);
	CHECK(EVP_EncryptUpdate(m->gcm, sealed, &n, text, (int)len) == 1);
	CHECK(EVP_EncryptFinal_ex(m->gcm, sealed + len, &n) == 1);
	CHECK(EVP_CIPHER_CTX_ctrl(m->gcm, EVP_CTRL_GCM_GET_TAG, QUIC_TAG_BYTES, sealed + len) == 1);
	CHECK(EVP_EncryptUpdate(m->ecb, mask, &n, number + 4, 16) == 1);
	p.bytes[0] ^= mask[0] & 0x0f;
	number[0] ^= mask[1];
	number[1] ^= mask[2];
	p.len += 2 + len + QUIC_TAG_BYTES;
	return p;
}

/* A CRYPTO frame; returns its length. */
static inline size_t put_crypto(uint8_t *out, const uint8_t *hello, size_t at, size_t len)
{
	size_t n = 0;

	out[n++] = 6;
	n += put_number(out + n, 0x80000000 | at, 4);
	n += put_number(out + n, 0x4000 | len, 2);
	memcpy(out + n, hello + at, len);
	return n + len;
}
