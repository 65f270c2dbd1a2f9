/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/opening.h"

#include "proto/dns.h"
#include "proto/http.h"
#include "proto/tls.h"

#include <netinet/in.h>
#include <string.h>

enum { PORT_DNS = 53, PORT_NTP = 123 };

bool opening_name_is_address(const struct string_table *names, uint32_t name)
{
	const char *text = string_table_get(names, name);
	struct address unused;

	return address_parse(text, strlen(text), &unused) == 0;
}

static void claim_name(const struct opening_context *context, struct flow *flow, const char *name,
		       size_t len)
{
	struct address unused;

	if (address_parse(name, len, &unused) == 0)
		flow->claims |= CLAIM_HOST_IS_ADDRESS;
	else
		flow->name = string_table_add(context->names, name, len);
}

static void learn_names(const struct opening_context *context, const struct packet *packet,
			const struct dns_message *message)
{
	const struct address *client = &packet->tuple.dst;
	uint32_t name;

	(*context->lookups)++;
	name_map_saw_query(context->name_map, client, packet->when);
	if (message->address_count == 0)
		return;
	name = string_table_add(context->names, message->question, message->question_len);
	for (size_t i = 0; name && i < message->address_count; i++)
		name_map_add(context->name_map, client, &message->addresses[i], name, packet->when);
}

static void read_dns(const struct opening_context *context, struct flow *flow,
		     const struct packet *packet, bool outward)
{
	struct dns_message message;

	if (dns_parse(packet->payload, packet->payload_captured, &message) == DECODE_MALFORMED) {
		flow->claims |= CLAIM_OTHER_PROTOCOL;
		return;
	}
	flow->app = APP_DNS;
	if (!outward && message.response)
		learn_names(context, packet, &message);
}

static void read_tls(const struct opening_context *context, struct flow *flow,
		     const struct packet *packet)
{
	struct tls_hello hello;
	enum decode_verdict verdict =
		tls_parse_hello(packet->payload, packet->payload_captured, &hello);

	if (verdict != DECODE_OK && verdict != DECODE_TRUNCATED)
		return;
	flow->app = APP_TLS;
	if (hello.sni_len)
		claim_name(context, flow, hello.sni, hello.sni_len);
	else if (hello.complete)
		flow->claims |= CLAIM_NO_SNI;
}

static void read_http(const struct opening_context *context, struct flow *flow,
		      const struct packet *packet)
{
	struct http_request request;
	enum decode_verdict verdict =
		http_parse_request(packet->payload, packet->payload_captured, &request);

	if (verdict != DECODE_OK && verdict != DECODE_TRUNCATED)
		return;
	flow->app = APP_HTTP;
	if (request.host_len)
		claim_name(context, flow, request.host, request.host_len);
}

static void read_tcp(const struct opening_context *context, struct flow *flow,
		     const struct packet *packet, bool outward)
{
	const uint8_t *p = packet->payload;
	size_t len = packet->payload_captured;

	if (flow->app != APP_UNKNOWN)
		return;
	if (outward && tls_is_handshake(p, len))
		read_tls(context, flow, packet);
	else if (outward && http_is_request(p, len))
		read_http(context, flow, packet);
	else if (len >= 4 && !memcmp(p, "SSH-", 4))
		flow->app = APP_SSH;
}

/* RFC 5905 7.3: version 1 to 4 and a mode from 1 to 5 in the first byte, 48 bytes or more. */
static bool looks_like_ntp(const struct packet *packet)
{
	uint8_t version = packet->payload[0] >> 3 & 7, mode = packet->payload[0] & 7;

	return packet->payload_bytes >= 48 && version >= 1 && version <= 4 && mode >= 1 &&
	       mode <= 5;
}

static void read_udp(const struct opening_context *context, struct flow *flow,
		     const struct packet *packet, bool outward)
{
	if (flow->tuple.dst_port == PORT_DNS)
		read_dns(context, flow, packet, outward);
	else if (flow->tuple.dst_port == PORT_NTP && looks_like_ntp(packet))
		flow->app = APP_NTP;
	else if (flow->tuple.dst_port == PORT_NTP)
		flow->claims |= CLAIM_OTHER_PROTOCOL;
}

void opening_read(const struct opening_context *context, struct flow *flow,
		  const struct packet *packet, bool outward)
{
	uint8_t *seen = outward ? &flow->opening_out : &flow->opening_in;
	bool dns = packet->tuple.proto == IPPROTO_UDP && flow->tuple.dst_port == PORT_DNS;

	if (*seen == OPENING_PACKETS && !dns) /* a resolver may reuse one 5-tuple for hours */
		return;
	if (*seen < OPENING_PACKETS)
		(*seen)++;
	if (packet->tuple.proto == IPPROTO_TCP)
		read_tcp(context, flow, packet, outward);
	else if (packet->tuple.proto == IPPROTO_UDP)
		read_udp(context, flow, packet, outward);
}
