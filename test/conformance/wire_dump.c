/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire_dump - one line per frame of a capture, for comparison with another
 * decoder:
 *
 *	frame verdict layers ip_bytes proto src_port dst_port payload_bytes claims...
 *
 * "layers" has "src>dst" of each packet in the frame, outermost first, joined by
 * blanks; ip_bytes are the outermost's, and what follows is the innermost's.
 * Claims are what the first parsers say of the payload: "sni=", "host=" and
 * "dns=" with the question's name, then "a=" for each address of the answer.
 */
#include "input/input.h"
#include "proto/dns.h"
#include "proto/http.h"
#include "proto/tls.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void print_tls(const struct packet *p)
{
	struct tls_hello hello;
	enum decode_verdict v = tls_parse_hello(p->payload, p->payload_captured, &hello);

	if ((v == DECODE_OK || v == DECODE_TRUNCATED) && hello.sni_len)
		printf("\tsni=%s", hello.sni);
}

static void print_http(const struct packet *p)
{
	struct http_request request;
	enum decode_verdict v = http_parse_request(p->payload, p->payload_captured, &request);

	if ((v == DECODE_OK || v == DECODE_TRUNCATED) && request.host_len)
		printf("\thost=%s", request.host);
}

static void print_dns(const struct packet *p)
{
	struct dns_message message;
	char text[ADDRESS_TEXT_SIZE];

	if (dns_parse(p->payload, p->payload_captured, &message) == DECODE_MALFORMED)
		return;
	printf("\tdns=%s", message.question);
	for (size_t i = 0; i < message.address_count; i++)
		printf("\ta=%s", address_text(&message.addresses[i], text));
}

static void print_claims(const struct packet *p)
{
	if (!p->payload)
		return;
	if (p->tuple.proto == IPPROTO_TCP && tls_is_handshake(p->payload, p->payload_captured))
		print_tls(p);
	else if (p->tuple.proto == IPPROTO_TCP && http_is_request(p->payload, p->payload_captured))
		print_http(p);
	else if (p->tuple.proto == IPPROTO_UDP &&
		 (p->tuple.src_port == 53 || p->tuple.dst_port == 53))
		print_dns(p);
}

static void print_frame(void *arg, const struct frame *frame)
{
	static const char *const names[DECODE_VERDICTS] = {
		"ok", "not_ip", "fragment", "truncated", "malformed", "unsupported",
	};
	char src[ADDRESS_TEXT_SIZE], dst[ADDRESS_TEXT_SIZE];
	unsigned long *number = arg;
	struct packet layers[PACKET_LAYERS_MAX];
	const struct packet *p;
	unsigned count;
	enum decode_verdict v = decode_frame(frame, layers, &count);

	printf("%lu\t%s\t", ++*number, names[v]);
	for (unsigned i = 0; i < count; i++)
		printf("%s%s>%s", i ? " " : "", address_text(&layers[i].tuple.src, src),
		       address_text(&layers[i].tuple.dst, dst));
	if (count) {
		p = &layers[count - 1];
		printf("\t%u\t%u\t%u\t%u\t%u", layers[0].bytes, p->tuple.proto, p->tuple.src_port,
		       p->tuple.dst_port, p->payload_bytes);
		if (v == DECODE_OK)
			print_claims(p);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	unsigned long number = 0;
	const struct input_sink sink = {.frame = print_frame, .arg = &number};
	struct input_plan plan;
	struct complaint why;
	int rc;

	if (argc != 2 || input_plan((const char *const *)argv + 1, 1, &plan) || plan.count != 1) {
		fprintf(stderr, "usage: wire_dump CAPTURE\n");
		return 2;
	}
	rc = input_read(&plan.files[0], &sink, &why);
	if (rc)
		fprintf(stderr, "%s\n", why.text);
	input_plan_fini(&plan);
	return rc ? 1 : 0;
}
