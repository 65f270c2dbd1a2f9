/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 is called below OpenSSL's EVP: HKDF through EVP fetches, allocates and
 * locks, and takes longer than all the rest.  AES goes through kept contexts.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proto/quic_keys.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum { SALT_BYTES = 20, SECRET_BYTES = 32, SAMPLE_BYTES = 16, NUMBER_MAX = 4 };

struct quic_keys {
	EVP_CIPHER_CTX *header, *payload;
};

struct quic_keys *quic_keys_new(void)
{
	struct quic_keys *keys = malloc(sizeof(*keys));

	CHECK(keys);
	keys->header = EVP_CIPHER_CTX_new();
	keys->payload = EVP_CIPHER_CTX_new();
	CHECK(keys->header && keys->payload);
	CHECK(EVP_EncryptInit_ex(keys->header, EVP_aes_128_ecb(), NULL, NULL, NULL) == 1);
	CHECK(EVP_CIPHER_CTX_set_padding(keys->header, 0) == 1);
	CHECK(EVP_DecryptInit_ex(keys->payload, EVP_aes_128_gcm(), NULL, NULL, NULL) == 1);
	return keys;
}

void quic_keys_free(struct quic_keys *keys)
{
	if (!keys)
		return;
	EVP_CIPHER_CTX_free(keys->header);
	EVP_CIPHER_CTX_free(keys->payload);
	free(keys);
}

/* RFC 9001 5.2, RFC 9369 3.3.1, draft-ietf-quic-tls-29 5.2, draft-ietf-quic-tls-23 5.2. */
static const uint8_t *salt_of(uint32_t version)
{
	static const uint8_t v1[SALT_BYTES] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34,
					       0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8,
					       0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
	static const uint8_t v2[SALT_BYTES] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6,
					       0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26,
					       0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
	static const uint8_t d29[SALT_BYTES] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2,
						0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61,
						0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
	static const uint8_t d23[SALT_BYTES] = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb,
						0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4,
						0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
	uint32_t draft = version >> 8 == 0xff0000 ? version & 0xff : 0;

	if (version == QUIC_V1 || draft == 33 || draft == 34)
		return v1;
	if (version == QUIC_V2)
		return v2;
	if (draft >= 29 && draft <= 32)
		return d29;
	/* Facebook's mvfst: as of draft 27, experimental, alias */
	if ((draft >= 23 && draft <= 28) || version == 0xfaceb002 || version == 0xfaceb00d ||
	    version == 0xfaceb00e)
		return d23;
	return NULL;
}

bool quic_keys_know(uint32_t version)
{
	return salt_of(version) != NULL;
}

/* The two hashes of HMAC (RFC 2104) after the key: a key used four times is taken in once. */
struct hmac_key {
	SHA256_CTX inner, outer;
};

static void hmac_start(struct hmac_key *k, const uint8_t *key, size_t len)
{
	uint8_t pad[SHA256_CBLOCK];

	CHECK(len <= sizeof(pad));
	memset(pad, 0x36, sizeof(pad));
	for (size_t i = 0; i < len; i++)
		pad[i] ^= key[i];
	SHA256_Init(&k->inner);
	SHA256_Update(&k->inner, pad, sizeof(pad));
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&k->outer);
	SHA256_Update(&k->outer, pad, sizeof(pad));
}

static void hmac(const struct hmac_key *k, const uint8_t *bytes, size_t len,
		 uint8_t out[static SECRET_BYTES])
{
	SHA256_CTX sha = k->inner;

	SHA256_Update(&sha, bytes, len);
	SHA256_Final(out, &sha);
	sha = k->outer;
	SHA256_Update(&sha, out, SECRET_BYTES);
	SHA256_Final(out, &sha);
}

/*
 * HKDF-Expand-Label (RFC 8446, 7.1) with an empty context, of at most one block:
 *
 *	| length 2 | length 1 | "tls13 " label | 0 | 1 |
 */
static void expand(const struct hmac_key *k, const char *label, uint8_t *out, size_t len)
{
	uint8_t info[64] = {0, (uint8_t)len}, block[SECRET_BYTES];
	size_t label_len = strlen(label);

	CHECK(len <= sizeof(block) && label_len < 32);
	info[2] = (uint8_t)(6 + label_len);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, label_len);
	info[9 + label_len] = 0;
	info[10 + label_len] = 1;
	hmac(k, info, 11 + label_len, block);
	memcpy(out, block, len);
}

void quic_keys_derive(uint32_t version, const uint8_t *id, size_t id_len, struct quic_secret *out)
{
	uint8_t secret[SECRET_BYTES];
	struct hmac_key k;
	bool v2 = version == QUIC_V2;

	CHECK(quic_keys_know(version) && id_len <= QUIC_ID_MAX);
	hmac_start(&k, salt_of(version), SALT_BYTES);
	hmac(&k, id, id_len, secret);
	hmac_start(&k, secret, sizeof(secret));
	expand(&k, "client in", secret, sizeof(secret));
	hmac_start(&k, secret, sizeof(secret));
	expand(&k, v2 ? "quicv2 key" : "quic key", out->key, sizeof(out->key));
	expand(&k, v2 ? "quicv2 iv" : "quic iv", out->iv, sizeof(out->iv));
	expand(&k, v2 ? "quicv2 hp" : "quic hp", out->hp, sizeof(out->hp));
}

/*
 * The packet number of an Initial is taken as it stands, not extended from the
 * largest that was acknowledged (RFC 9000, A.3): a hello is over long before
 * it could wrap.
 */
static bool open_payload(EVP_CIPHER_CTX *ctx, const struct quic_secret *secret,
			 const uint8_t *packet, size_t number_at, size_t len, uint8_t *out,
			 const uint8_t mask[static SAMPLE_BYTES])
{
	uint8_t first = packet[0] ^ (mask[0] & 0x0f), number[NUMBER_MAX], iv[sizeof(secret->iv)];
	size_t number_len = (first & 3U) + 1, start = number_at + number_len;
	int text = (int)(len - start) - QUIC_TAG_BYTES, done = 0;
	uint8_t tag[QUIC_TAG_BYTES];

	memcpy(iv, secret->iv, sizeof(iv));
	for (size_t i = 0; i < number_len; i++) {
		number[i] = packet[number_at + i] ^ mask[1 + i];
		iv[sizeof(iv) - number_len + i] ^= number[i];
	}
	memcpy(tag, packet + len - QUIC_TAG_BYTES, sizeof(tag));
	CHECK(EVP_DecryptInit_ex(ctx, NULL, NULL, secret->key, iv) == 1);
	CHECK(EVP_DecryptUpdate(ctx, NULL, &done, &first, 1) == 1);
	CHECK(EVP_DecryptUpdate(ctx, NULL, &done, packet + 1, (int)number_at - 1) == 1);
	CHECK(EVP_DecryptUpdate(ctx, NULL, &done, number, (int)number_len) == 1);
	CHECK(EVP_DecryptUpdate(ctx, out, &done, packet + start, text) == 1);
	CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, QUIC_TAG_BYTES, tag) == 1);
	return EVP_DecryptFinal_ex(ctx, out + done, &done) == 1;
}

size_t quic_keys_open(struct quic_keys *keys, const struct quic_secret *secret,
		      const uint8_t *packet, size_t number_at, size_t len, uint8_t *out)
{
	uint8_t mask[SAMPLE_BYTES];
	size_t number_len;
	int done = 0;

	/* the sample starts where the number would end if it had four bytes (RFC 9001, 5.4.2) */
	if (len - number_at < NUMBER_MAX + SAMPLE_BYTES || len > INT32_MAX)
		return 0;
	CHECK(EVP_EncryptInit_ex(keys->header, NULL, NULL, secret->hp, NULL) == 1);
	CHECK(EVP_EncryptUpdate(keys->header, mask, &done, packet + number_at + NUMBER_MAX,
				SAMPLE_BYTES) == 1);
	number_len = ((packet[0] ^ mask[0]) & 3U) + 1;
	if (!open_payload(keys->payload, secret, packet, number_at, len, out, mask))
		return 0;
	return len - number_at - number_len - QUIC_TAG_BYTES;
}
