/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ja.h"
#include "proto/name.h"
#include "proto/tls_reader.h"
#include "proto/tls_stream.h"

#include <string.h>

enum {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_POINT_FORMATS = 11,
	EXTENSION_SIGNATURES = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
	NAME_IS_HOST = 0,
};

/* The rest of a field. */
static const uint8_t *take_rest(struct tls_reader *field, size_t *len)
{
	const uint8_t *p;

	*len = tls_left(field);
	p = tls_take(field, *len);
	if (!p)
		*len = 0;
	return p;
}

/* Numbers of two bytes, with their length in two bytes before them. */
static struct ja_list take_list(struct tls_reader *r)
{
	struct tls_reader field = tls_field(r, 2);
	struct ja_list list;

	list.at = take_rest(&field, &list.count);
	list.count /= 2;
	return list;
}

/*
 * RFC 6066, 3, with room for more than one kind of name, though there is one:
 *
 *	| list length | type 0 | length |  name  | ...
 *	|      2      |    1   |    2   | length |
 */
static enum decode_verdict read_server_name(struct tls_reader *data, struct tls_hello *out)
{
	struct tls_reader list, name;
	const uint8_t *text;
	unsigned int type;
	size_t len;

	if (tls_left(data) == 0) /* as a server answers; from a client it says nothing */
		return DECODE_OK;
	list = tls_field(data, 2);
	type = tls_number(&list, 1);
	if (list.verdict != DECODE_OK || type != NAME_IS_HOST)
		return data->verdict;
	name = tls_field(&list, 2);
	text = take_rest(&name, &len);
	if (len > TLS_SNI_MAX)
		return DECODE_MALFORMED;
	if (len > 0)
		out->sni_len = name_clean(out->sni, text, len);
	return list.verdict;
}

static void read_alpn(struct tls_reader *data, struct tls_hello *out, struct ja_hello *ja)
{
	size_t len;
	const uint8_t *text = tls_first_protocol(data, &len);

	if (!text || ja->has_alpn)
		return;
	tls_clean_protocol(out->alpn, text, len);
	ja->has_alpn = true;
	ja->alpn[0] = text[0];
	ja->alpn[1] = text[len - 1];
}

/* DTLS counts down: 0xfeff is 1.0, 0xfefc is 1.3. */
static bool is_newer(unsigned int a, unsigned int b, char transport)
{
	return transport == 'd' ? a < b && a >> 8 == 0xfe : a > b;
}

/* RFC 8446, 4.2.1: | length 1 | version 2 | ... */
static void read_versions(struct tls_reader *data, char transport, struct tls_hello *out)
{
	struct tls_reader list = tls_field(data, 1);
	bool any = false;

	while (tls_left(&list) > 0) {
		unsigned int version = tls_number(&list, 2);

		if (list.verdict != DECODE_OK || ja_is_grease(version))
			continue;
		if (!any || is_newer(version, out->offer, transport))
			out->offer = (uint16_t)version;
		any = true;
	}
}

/* Only a server name that contradicts itself spoils the hello: the rest is read leniently. */
static enum decode_verdict read_extension(unsigned int type, struct tls_reader *data,
					  struct tls_hello *out, struct ja_hello *ja)
{
	struct tls_reader field;

	switch (type) {
	case EXTENSION_SERVER_NAME:
		ja->has_name = true;
		return out->sni_len == 0 ? read_server_name(data, out) : DECODE_OK;
	case EXTENSION_ALPN:
		read_alpn(data, out, ja);
		break;
	case EXTENSION_VERSIONS:
		read_versions(data, ja->transport, out);
		break;
	case EXTENSION_GROUPS:
		ja->groups = take_list(data);
		break;
	case EXTENSION_SIGNATURES:
		ja->signatures = take_list(data);
		break;
	case EXTENSION_POINT_FORMATS:
		field = tls_field(data, 1);
		ja->formats = take_rest(&field, &ja->format_count);
		break;
	default:
		break;
	}
	return DECODE_OK;
}

/* | type 2 | length 2 | data | ... */
static void read_extensions(struct tls_reader *r, struct tls_hello *out, struct ja_hello *ja)
{
	struct tls_reader all = tls_field(r, 2);

	while (tls_left(&all) > 0) {
		unsigned int type = tls_number(&all, 2);
		struct tls_reader data = tls_field(&all, 2);
		enum decode_verdict verdict = data.verdict;

		if (verdict == DECODE_OK) {
			if (ja->extension_count < JA_LIST_MAX)
				ja->extensions[ja->extension_count] = (uint16_t)type;
			ja->extension_count++;
			verdict = read_extension(type, &data, out, ja);
		}
		if (verdict == DECODE_MALFORMED)
			all.verdict = verdict;
	}
	if (all.verdict == DECODE_MALFORMED)
		r->verdict = DECODE_MALFORMED;
}

/*
 * RFC 8446, 4.1.2; the same since SSL 3 (DTLS has a cookie after the session id):
 *
 *	| type 1 | length 3 | version 2 | random 32 | session id | ciphers | compression |
 *extensions length in 1       2          1            2
 */
static void read_hello(struct tls_reader *r, struct tls_hello *out, struct ja_hello *ja)
{
	out->version = (uint16_t)tls_number(r, 2);
	out->offer = out->version;
	(void)tls_take(r, 32);
	(void)tls_field(r, 1);
	if (ja->transport == 'd')
		(void)tls_field(r, 1);
	ja->ciphers = take_list(r);
	(void)tls_field(r, 1);
	if (tls_left(r) > 0) /* up to TLS 1.1 there need not be any */
		read_extensions(r, out, ja);
	(void)tls_take(r, tls_left(r)); /* nothing is due, but if it is said to come, it comes */
}

static void clear(struct tls_hello *out)
{
	out->version = out->offer = 0;
	out->complete = false;
	out->sni[0] = out->alpn[0] = out->ja3[0] = out->ja4[0] = '\0';
	out->sni_len = 0;
}

enum decode_verdict tls_parse_message(const uint8_t *message, size_t len, char transport,
				      struct tls_hello *out)
{
	struct tls_reader r = {.bytes = message, .have = len, .end = 4};
	struct ja_hello ja;
	unsigned int type = tls_number(&r, 1), body = tls_number(&r, 3);

	clear(out);
	if (len > 0 && type != TLS_CLIENT_HELLO)
		return DECODE_UNSUPPORTED;
	if (body > TLS_MESSAGE_MAX)
		return DECODE_MALFORMED;
	r.end = 4 + body;
	/* all but the long array of extensions, which is filled as far as it is counted */
	memset(&ja, 0, offsetof(struct ja_hello, extensions));
	ja.transport = transport;
	read_hello(&r, out, &ja);
	if (r.verdict != DECODE_OK)
		return r.verdict;
	ja.version = out->version;
	ja.offer = out->offer;
	ja3_write(&ja, out->ja3);
	ja4_write(&ja, out->ja4);
	out->complete = true;
	return DECODE_OK;
}
