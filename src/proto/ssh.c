/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ssh.h"

#include "base/cursor.h"

#include <openssl/evp.h>
#include <string.h>

enum {
	BANNER_MAX = 255,      /* RFC 4253, 4.2 */
	LINES_BEFORE_MAX = 32, /* no server is as talkative as that */
	PACKET_MAX = 35000,    /* RFC 4253, 6.1 */
	MESSAGE_KEXINIT = 20,
	KEXINIT_LISTS = 10,
};

/* The next line without its end, or false if that is not there. */
static bool next_line(struct cursor *c, struct cursor *line)
{
	size_t left = cursor_left(c);
	const uint8_t *end = left ? memchr(c->pos, '\n', left) : NULL;

	if (!end)
		return false;
	*line = cursor_part(c, (size_t)(end - c->pos));
	cursor_skip(c, 1);
	if (line->end > line->pos && line->end[-1] == '\r')
		line->end--;
	return true;
}

bool ssh_is_banner(const uint8_t *bytes, size_t len)
{
	return len >= 4 && !memcmp(bytes, "SSH-", 4);
}

/* "SSH-protoversion-softwareversion SP comments" */
static enum decode_verdict read_banner(struct cursor line, struct ssh_hello *out)
{
	const uint8_t *version = cursor_take(&line, 4) + 4, *dash;
	size_t left = cursor_left(&line);

	dash = left ? memchr(version, '-', left) : NULL;
	if (!dash || left > BANNER_MAX)
		return DECODE_MALFORMED;
	cursor_skip(&line, (size_t)(dash - version) + 1);
	while (cursor_left(&line) > 0 && out->software_len < SSH_SOFTWARE_MAX) {
		uint8_t byte = cursor_u8(&line);

		out->software[out->software_len++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
	}
	out->software[out->software_len] = '\0';
	/* "2.0", or "1.99" of a server that speaks both */
	if (version[0] == '2' || (dash - version == 4 && !memcmp(version, "1.99", 4)))
		return DECODE_OK;
	return DECODE_UNSUPPORTED;
}

/* Finds the banner: at once, or behind a few lines of a server's. */
static enum decode_verdict find_banner(struct cursor *c, struct ssh_hello *out)
{
	struct cursor line;

	for (int i = 0; i < LINES_BEFORE_MAX; i++) {
		if (!next_line(c, &line))
			return DECODE_TRUNCATED;
		if (ssh_is_banner(line.pos, cursor_left(&line)))
			return read_banner(line, out);
		if (i == 0 && line.pos == line.end)
			return DECODE_MALFORMED;
	}
	return DECODE_MALFORMED;
}

static void write_hex(const uint8_t *digest, unsigned int len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned int i = 0; i < len; i++) {
		*out++ = digits[digest[i] >> 4];
		*out++ = digits[digest[i] & 15];
	}
	*out = '\0';
}

/* MD5 over four lists with ';' between them: a fingerprint, no matter of secrecy. */
static void write_hassh(const struct cursor list[KEXINIT_LISTS], char out[SSH_HASSH_SIZE])
{
	static const uint8_t used[] = {0, 2, 4, 6}; /* key exchange, and client to server */
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	bool ok = md && EVP_DigestInit_ex(md, EVP_md5(), NULL);

	for (size_t i = 0; ok && i < ARRAY_LEN(used); i++) {
		const struct cursor *l = &list[used[i]];

		ok = (i == 0 || EVP_DigestUpdate(md, ";", 1)) &&
		     EVP_DigestUpdate(md, l->pos, cursor_left(l));
	}
	ok = ok && EVP_DigestFinal_ex(md, digest, &len);
	EVP_MD_CTX_free(md);
	if (ok && len == 16) /* a libcrypto without MD5 gives no fingerprint */
		write_hex(digest, len, out);
}

/*
 * RFC 4253, 6 and 7.1:
 *
 *	| length 4 | padding 1 | 20 | cookie 16 | ten lists: length 4, names | first follows 1 | 0 4
 *|
 *
 * The lists: key exchange, host key, then cipher, MAC, compression and language, each from
 * client to server and back.
 */
static enum decode_verdict read_offer(struct cursor *c, struct ssh_hello *out)
{
	uint32_t length = cursor_u32(c);
	struct cursor list[KEXINIT_LISTS], packet;
	uint8_t type;

	cursor_skip(c, 1);
	type = cursor_u8(c);
	if (!cursor_ok(c))
		return DECODE_TRUNCATED;
	if (type != MESSAGE_KEXINIT || length > PACKET_MAX || length < 2)
		return DECODE_MALFORMED;
	if (cursor_left(c) < length - 2)
		return DECODE_TRUNCATED;
	packet = cursor_part(c, length - 2);
	cursor_skip(&packet, 16);
	for (int i = 0; i < KEXINIT_LISTS; i++)
		list[i] = cursor_part(&packet, cursor_u32(&packet));
	if (!cursor_ok(&packet))
		return DECODE_MALFORMED;
	write_hassh(list, out->hassh);
	return DECODE_OK;
}

enum decode_verdict ssh_parse_hello(const uint8_t *bytes, size_t len, struct ssh_hello *out)
{
	struct cursor c = cursor_over(bytes, len);
	enum decode_verdict v;

	out->software_len = 0;
	out->software[0] = '\0';
	out->hassh[0] = '\0';
	v = find_banner(&c, out);
	return v == DECODE_OK ? read_offer(&c, out) : v;
}
