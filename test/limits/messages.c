/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages - hostile bytes for the parsers of messages.  An item is a byte: a
 * message of n bytes is made in the worst way, and read until READ_BYTES have
 * gone by; the time is that of one message.
 */
#include "limits/rooms.h"
#include "proto/dns.h"
#include "proto/dtls.h"
#include "proto/entropy.h"
#include "proto/http.h"
#include "proto/socks.h"
#include "proto/spoken.h"
#include "proto/ssh.h"
#include "proto/tls.h"
#include "quic_maker.h"

#include <netinet/in.h>
#include <stdio.h>

#include "net/packet.h"

enum { MILLION = 1000000, WHOLE_DATAGRAM = 65000, READ_BYTES = 4000000 };

static uint8_t room[MILLION + 16];
static uint64_t sum; /* so that nothing is left out */

static void read_again(size_t n, void (*read)(size_t n))
{
	size_t times = READ_BYTES / n > 0 ? READ_BYTES / n : 1;

	read(n); /* once to warm up: big things on the stack are touched for the first time */
	meter_start();
	for (size_t i = 0; i < times; i++)
		read(n);
	meter_stop();
	meter_share(times);
}

static size_t put(size_t at, uint64_t value, size_t bytes)
{
	return at + put_number(room + at, value, bytes);
}

/* Fills with `text`, over and over. */
static void fill(size_t from, size_t n, const char *text, size_t len)
{
	for (size_t i = from; i < n; i++)
		room[i] = (uint8_t)text[(i - from) % len];
}

/*
 * DNS
 */
static void read_dns(size_t n)
{
	struct dns_message m;

	sum += dns_parse(room, n, &m) + m.question_len;
}

static size_t put_dns_header(size_t questions, size_t answers)
{
	size_t at = put(0, 0x12348180, 4);

	at = put(at, questions, 2);
	at = put(at, answers, 2);
	return put(at, 0, 4);
}

/* Each name is a label and a pointer to the name before. */
static void dns_chain(size_t n)
{
	size_t at = put_dns_header(1, 0xffff), before = at;

	at = put(at, 0x016100, 3);
	at = put(at, 0x00010001, 4);
	while (at + 15 <= n) {
		size_t here = at;

		at = put(at, 0x0161, 2);
		at = put(at, 0xc000 | (before < 0x3fff ? before : 0x3ffe), 2);
		at = put(at, 0x00050001, 4);
		at = put(at, 60, 4);
		at = put(at, 0, 2);
		before = here;
	}
	read_again(n, read_dns);
}

/* Pointers to pointers in the data of one record, and all names lead there. */
static void dns_pointers(size_t n)
{
	size_t at = put_dns_header(0xffff, 0), half = n / 2 < 0x3ffe ? n / 2 : 0x3ffe;

	at = put(at, 0, 1);
	for (at = put(at, 0x00010001, 4); at + 2 <= half; at += 2)
		put(at, 0xc000 | (at >= 15 ? at - 2 : 12), 2);
	while (at + 6 <= n) {
		at = put(at, 0xc000 | (half - 2), 2);
		at = put(at, 0x00010001, 4);
	}
	read_again(n, read_dns);
}

static void dns_records(size_t n)
{
	size_t at = put_dns_header(0, 0xffff);

	while (at + 15 <= n) {
		at = put(at, 0, 1);
		at = put(at, 0x00010001, 4);
		at = put(at, 60, 4);
		at = put(at, 4, 2);
		at = put(at, at, 4);
	}
	read_again(n, read_dns);
}

static void dns_questions(size_t n)
{
	size_t at = put_dns_header(0xffff, 0);

	fill(at, n, "\x01z\x01z\x01z\x01z\x00\x00\x01\x00\x01", 13);
	read_again(n, read_dns);
}

static void dns_long_names(size_t n)
{
	size_t at = put_dns_header(0xffff, 0);

	while (at + 255 <= n) {
		for (int i = 0; i < 3; i++) {
			room[at] = 63;
			memset(room + at + 1, 0x01, 63); /* written as \001 */
			at += 64;
		}
		at = put(at, 0x00, 1);
		at = put(at, 0x00010001, 4);
	}
	read_again(n, read_dns);
}

/*
 * TLS
 */
static void read_hello(size_t n)
{
	struct tls_hello h;

	sum += tls_parse_hello(room, n, &h) + tls_needs(room, n);
}

static void read_server(size_t n)
{
	struct tls_server s;

	sum += tls_parse_server(room, n, NULL, &s) + tls_needs(room, n);
}

/* In records of `each` bytes: from a message that ends at `n` in `room`. */
static void in_records(size_t n, size_t each)
{
	static uint8_t message[WHOLE_DATAGRAM + 16];
	size_t at = 0, from = 0;

	memcpy(message, room, n);
	while (from < n && at + 5 + each <= WHOLE_DATAGRAM) {
		size_t here = n - from < each ? n - from : each;

		at = put(at, 0x160301, 3);
		at = put(at, here, 2);
		memcpy(room + at, message + from, here);
		at += here;
		from += here;
	}
}

static size_t put_hello(size_t n, size_t cipher_bytes)
{
	size_t at = put(0, 1, 1);

	at = put(at, n - 4, 3);
	at = put(at, 0x0303, 2);
	memset(room + at, 7, 32);
	at = put(at + 32, 0, 1);
	at = put(at, cipher_bytes, 2);
	for (size_t i = 0; i < cipher_bytes; i += 2)
		at = put(at, 0xffff - i, 2);
	at = put(at, 0x0100, 2);
	return put(at, n - at - 2, 2);
}

static void hello_ciphers(size_t n)
{
	size_t body = n - 100;

	put_hello(body, (body - 60) / 2 * 2);
	in_records(body, 16000);
	read_again(n, read_hello);
}

static void hello_extensions(size_t n)
{
	size_t body = n - 100, at = put_hello(body, 2);

	for (size_t i = 0; at + 4 <= body; i++) {
		at = put(at, 0xffff - i, 2);
		at = put(at, 0, 2);
	}
	in_records(body, 16000);
	read_again(n, read_hello);
}

/* Server names, each longer than the last that is read, over and over. */
static void hello_names(size_t n)
{
	size_t body = n - 100, at = put_hello(body, 2);

	for (; at + 20 <= body; at += 11) {
		at = put(at, 0, 2);
		at = put(at, 16, 2);
		at = put(at, 14, 2);
		put(at, 0x00000b, 3);
		memset(room + at + 3, 'A', 11);
		at += 3;
	}
	in_records(body, 16000);
	read_again(n, read_hello);
}

static void hello_small_records(size_t n)
{
	size_t body = n / 6;

	put_hello(body, (body - 60) / 2 * 2);
	in_records(body, 1);
	read_again(n, read_hello);
}

static void hello_empty_records(size_t n)
{
	fill(0, n, "\x16\x03\x01\x00\x00", 5);
	read_again(n, read_hello);
}

static void server_small_messages(size_t n)
{
	fill(0, n, "\x16\x03\x03\x00\x04\x0e\x00\x00\x00", 9);
	read_again(n, read_server);
}

static void read_certificate(size_t n)
{
	struct x509_summary s;

	sum += x509_read(room, n, NULL, &s) + s.sha256[0];
}

/* Sequences within sequences. */
static void certificate_deep(size_t n)
{
	for (size_t at = 0; at + 4 <= n; at += 4)
		put(at, (uint64_t)0x3082 << 16 | (n - at - 4), 4);
	read_again(n, read_certificate);
}

static void certificate_wide(size_t n)
{
	put(0, (uint64_t)0x3082 << 16 | (n - 4), 4);
	put(4, (uint64_t)0x3082 << 16 | (n - 8), 4);
	fill(8, n, "\x02\x01\x01\x30\x00\x31\x00", 7);
	read_again(n, read_certificate);
}

/*
 * QUIC and DTLS
 */
static struct quic_keys *keys;
static struct quic_packet initial;

static void read_quic(size_t n)
{
	static struct quic_opening opening;
	struct tls_hello h;

	(void)n;
	sum += quic_read(keys, &opening, initial.bytes, initial.len, &h);
}

/* One Initial with n / 8 pieces of a byte, last first. */
static void quic_pieces(size_t n)
{
	static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct quic_maker m = quic_maker(QUIC_V1, id, sizeof(id));
	size_t len = 0;

	keys = quic_keys_new();
	for (size_t i = n / 8; i > 0; i--)
		len += put_crypto(room + len, (const uint8_t *)"\1\0\1\0", 0, 1);
	for (size_t i = 0; i < n / 8; i++)
		put(8 * i + 1, 0x80000000 | (n / 8 - i) * 3, 4);
	initial = quic_seal(&m, room, len);
	read_again(n, read_quic);
	quic_maker_fini(&m);
	quic_keys_free(keys);
}

/* n Initials to one connection, none of which completes its hello. */
static void quic_datagrams(size_t n)
{
	static const uint8_t id[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct quic_maker m = quic_maker(QUIC_V1, id, sizeof(id));
	size_t len = put_crypto(room, (const uint8_t *)"\1\0\1\0", 0, 1);

	keys = quic_keys_new();
	put(1, 0x80000000 | 5000, 4);
	memset(room + len, 0, 200);
	initial = quic_seal(&m, room, len + 200);
	meter_start();
	for (size_t i = 0; i < n; i++)
		read_quic(i);
	meter_stop();
	quic_maker_fini(&m);
	quic_keys_free(keys);
}

static void read_dtls(size_t n)
{
	static struct dtls_opening opening;
	struct tls_hello h;

	sum += dtls_read(&opening, room, n, &h);
}

/* Fragments of a byte, each in a record of its own. */
static void dtls_pieces(size_t n)
{
	size_t at = 0;

	for (size_t i = 0; at + 26 <= n; i++) {
		at = put(at, 0x16feff, 3);
		at = put(at, i, 8);
		at = put(at, 13, 2);
		at = put(at, 1, 1);
		at = put(at, 7000, 3);
		at = put(at, 0, 2);
		at = put(at, 6998 - i % 3499 * 2, 3);
		at = put(at, 1, 3);
		at = put(at, 7, 1);
	}
	read_again(at, read_dtls);
}

/*
 * HTTP, SSH, SOCKS and the rest
 */
static void read_request(size_t n)
{
	struct http_request r;

	sum += http_parse_request(room, n, &r) + http_needs(room, n);
}

static void read_response(size_t n)
{
	struct http_response r;

	sum += http_parse_response(room, n, &r) + http_needs(room, n);
}

#define TEXTS(name, read, start, repeated)                                                         \
	static void name(size_t n)                                                                 \
	{                                                                                          \
		memcpy(room, start, sizeof(start) - 1);                                            \
		fill(sizeof(start) - 1, n, repeated, sizeof(repeated) - 1);                        \
		read_again(n, read);                                                               \
	}
TEXTS(http_headers, read_request, "GET / HTTP/1.1\r\n", "a:b\r\n")
TEXTS(http_hosts, read_request, "GET / HTTP/1.1\r\n", "Host:  \r\n")
TEXTS(http_folds, read_request, "GET / HTTP/1.1\r\nUser-Agent: a", "\r\n b")
TEXTS(http_one_line, read_request, "GET /", "a")
TEXTS(http_returns, read_request, "GET / HTTP/1.1\r\n", "\r")
TEXTS(http_spaces, read_request, "GET / HTTP/1.1\r\nHost:", " ")
TEXTS(http_lengths, read_response, "HTTP/1.1 200 OK\r\n", "Content-Length: 9999999\r\n")
TEXTS(http_codings, read_response, "HTTP/1.1 200 OK\r\nTransfer-Encoding:", ",chunke")

static void read_ssh(size_t n)
{
	struct ssh_hello h;

	sum += ssh_parse_hello(room, n, &h);
}
TEXTS(ssh_lines, read_ssh, "", "\n")
TEXTS(ssh_nearly, read_ssh, "", "SSH-\n")
TEXTS(ssh_packets, read_ssh, "SSH-2.0-a\r\n", "\x00\x00\x00\x0c\x0a\x02\x00\x00\x00\x00\x00")

static void read_socks(size_t n)
{
	struct socks_request r;

	sum += socks_parse_request(room, n, &r);
}
TEXTS(socks_user, read_socks, "\x04\x01\x00\x50\x00\x00\x00\x01", "a")

static void read_spoken(size_t n)
{
	sum += spoken_by(room, n, true) + spoken_by(room, n, false) +
	       spoken_in_datagram(room, n, 53) + entropy_looks_random(room, n);
}
TEXTS(spoken_text, read_spoken, "", "a")
TEXTS(spoken_lines, read_spoken, "", "\r\n")
TEXTS(spoken_noise, read_spoken, "", "\x81\x17\xd9\x3c\xaa\x01\xff\x42\x99")

static void read_frame(size_t n)
{
	struct packet packets[PACKET_LAYERS_MAX];
	unsigned count;

	sum += decode_frame(&(struct frame){.bytes = room,
					    .captured = (uint32_t)n,
					    .length = (uint32_t)n,
					    .link = LINK_ETHERNET},
			    packets, &count);
}
TEXTS(frame_tags, read_frame, "\2\2\2\2\2\2\2\2\2\2\2\2", "\x81\x00\x00\x01")
TEXTS(frame_labels, read_frame, "\2\2\2\2\2\2\2\2\2\2\2\2\x88\x47", "\x00\x01\x00\x40")

/* IPv6 with extension headers of 8 bytes up to the end. */
static void frame_extensions(size_t n)
{
	memset(room, 2, 12);
	put(12, 0x86dd, 2);
	put(14, (uint64_t)0x60000000 << 32 | (n - 54) << 16 | 0x3c40, 8);
	memset(room + 22, 1, 32);
	fill(54, n, "\x3c\x00\x01\x04\x00\x00\x00\x00", 8);
	read_again(n, read_frame);
}

const struct room rooms_of_messages[] = {
	{"frames", "tags upon tags", WHOLE_DATAGRAM, frame_tags},
	{"frames", "MPLS labels", WHOLE_DATAGRAM, frame_labels},
	{"frames", "IPv6 extension headers", WHOLE_DATAGRAM, frame_extensions},
	{"dns", "names that point at the one before", WHOLE_DATAGRAM, dns_chain},
	{"dns", "pointers to pointers", WHOLE_DATAGRAM, dns_pointers},
	{"dns", "small records", WHOLE_DATAGRAM, dns_records},
	{"dns", "small questions", WHOLE_DATAGRAM, dns_questions},
	{"dns", "long names of odd bytes", WHOLE_DATAGRAM, dns_long_names},
	{"tls", "hello of ciphers", WHOLE_DATAGRAM, hello_ciphers},
	{"tls", "hello of empty extensions", WHOLE_DATAGRAM, hello_extensions},
	{"tls", "hello of server names", WHOLE_DATAGRAM, hello_names},
	{"tls", "hello in records of a byte", WHOLE_DATAGRAM, hello_small_records},
	{"tls", "empty records", MILLION, hello_empty_records},
	{"tls", "server: small messages", MILLION, server_small_messages},
	{"x509", "sequences within sequences", WHOLE_DATAGRAM, certificate_deep},
	{"x509", "small elements", WHOLE_DATAGRAM, certificate_wide},
	{"quic", "pieces of a byte, last first", 1800, quic_pieces},
	{"quic", "Initials that bring nothing new", 100000, quic_datagrams},
	{"dtls", "pieces of a byte, last first", WHOLE_DATAGRAM, dtls_pieces},
	{"http", "small headers", MILLION, http_headers},
	{"http", "empty hosts", MILLION, http_hosts},
	{"http", "folded lines", MILLION, http_folds},
	{"http", "a line that does not end", MILLION, http_one_line},
	{"http", "returns without new lines", MILLION, http_returns},
	{"http", "spaces", MILLION, http_spaces},
	{"http", "lengths", MILLION, http_lengths},
	{"http", "codings", MILLION, http_codings},
	{"ssh", "empty lines", MILLION, ssh_lines},
	{"ssh", "nearly banners", MILLION, ssh_nearly},
	{"ssh", "small packets", MILLION, ssh_packets},
	{"socks", "a user's name that does not end", MILLION, socks_user},
	{"spoken", "text", MILLION, spoken_text},
	{"spoken", "empty lines", MILLION, spoken_lines},
	{"spoken", "noise", MILLION, spoken_noise},
	{0},
};
