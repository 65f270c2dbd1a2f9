/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "proto/http.h"

#include <stdlib.h>

static enum decode_verdict parse(const char *text, size_t len, struct http_request *out)
{
	uint8_t *bytes = malloc(len ? len : 1); /* exactly as long as the text */
	enum decode_verdict v;

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	memset(out, 0xee, sizeof(*out));
	v = http_parse_request(bytes, len, out);
	free(bytes);
	assert_int_equal(strlen(out->host), out->host_len);
	return v;
}

static void assert_host(const char *text, const char *method, const char *host)
{
	struct http_request r;

	assert_int_equal(parse(text, strlen(text), &r), DECODE_OK);
	assert_string_equal(r.method, method);
	assert_string_equal(r.host, host);
	assert_true(r.complete);
}

/* The forms of RFC 9112 3.2, with its own examples where it gives some. */
static void every_form_of_target(void **state)
{
	(void)state;
	assert_host("GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n", "GET",
		    "www.example.org");
	assert_host("GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\n\r\n", "GET",
		    "www.example.org");
	assert_host("CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
		    "CONNECT", "www.example.com");
	assert_host("OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n", "OPTIONS",
		    "www.example.org");
}

static void the_target_counts_more_than_the_header(void **state)
{
	(void)state;
	assert_host("GET http://real.example/ HTTP/1.1\r\nHost: front.example\r\n\r\n", "GET",
		    "real.example");
	assert_host("CONNECT real.example:443 HTTP/1.1\r\nHost: front.example\r\n\r\n", "CONNECT",
		    "real.example");
}

static void hosts_are_made_comparable(void **state)
{
	static const char *const cases[][2] = {
		{"ExAmple.COM", "example.com"},
		{"example.com:8080", "example.com"},
		{"  example.com\t", "example.com"},
		{"example.com.", "example.com"},
		{"192.0.2.1:80", "192.0.2.1"},
		{"[2001:DB8::1]:80", "2001:db8::1"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"user:secret@example.com:80", "example.com"},
		{"a\x01\xffz", "a??z"},
		{"", ""},
		{":80", ""},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.0\r\nHost:%s\r\n\r\n", cases[i][0]);
		assert_host(text, "GET", cases[i][1]);
		snprintf(text, sizeof(text), "GET / HTTP/1.0\nA: b\nHOST :%s\nhost: x\n\n",
			 cases[i][0]);
		if (cases[i][1][0])
			assert_host(text, "GET", cases[i][1]);
	}
	assert_host("GET http://u@Example.com:8080?q HTTP/1.1\r\n\r\n", "GET", "example.com");
	assert_host("GET https://example.com#f HTTP/1.1\r\n\r\n", "GET", "example.com");
	assert_host("GET /http://example.com/ HTTP/1.1\r\n\r\n", "GET", "");
}

static void careless_clients_are_understood(void **state)
{
	(void)state;
	assert_host("GET /a b c HTTP/1.1\r\nHost: example.com\r\n\r\n", "GET", "example.com");
	assert_host("GET  /  HTTP/1.1\r\nnot a header\r\nHost: example.com\r\n\r\n", "GET",
		    "example.com");
	assert_host("POST / HTTP/1.1\r\nX-Host: a\r\nHostess: b\r\nHost: c\r\n\r\nHost: d\r\n\r\n",
		    "POST", "c");
	assert_host("GET / HTTP/1.0\r\n\r\n", "GET", "");
	/* no version: HTTP/0.9, or a bot that forgot it (seen in a real capture) */
	assert_host("GET /gen.php?generate=1\r\nHost: example.com\r\n\r\n", "GET", "example.com");
	assert_host("GET /a/1\r\n\r\n", "GET", "");
	assert_host("FETCH / HTTP/1.1\r\nHost: example.com\r\n\r\n", "FETCH", "example.com");
}

static void what_is_no_request_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"GET",
		"EHLO example.com\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"OPTIONS rtsp://example.com/media.mp4 RTSP/1.0\r\n\r\n",
		"FETCH /\r\n\r\n",
		"GET HTTP/1.1\r\n\r\n",
		" / HTTP/1.1\r\n\r\n",
		"OPTIONS sip:carol@chicago.com SIP/2.0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",
		"AMETHODOF16BYTES / HTTP/1.1\r\n\r\n",
	};
	struct http_request r;
	char text[400] = "GET / HTTP/1.1\r\nHost: ";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (parse(bad[i], strlen(bad[i]), &r) != DECODE_MALFORMED)
			fail_msg("\"%s\" was read", bad[i]);
	memset(text + 22, 'a', 256);
	strcpy(text + 22 + 256, "\r\n\r\n");
	assert_int_equal(parse(text, strlen(text), &r), DECODE_MALFORMED);
	memmove(text + 22, text + 23, strlen(text + 22));
	assert_int_equal(parse(text, strlen(text), &r), DECODE_OK);
	assert_int_equal(r.host_len, 255);
}

/* Wherever it is cut, only whole lines count. */
static void a_cut_request_gives_what_was_read(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n";
	size_t line = strcspn(text, "\n") + 1, host = line + strcspn(text + line, "\n") + 1;

	(void)state;
	for (size_t len = 4; len < sizeof(text) - 1; len++) {
		struct http_request r;

		assert_int_equal(parse(text, len, &r), DECODE_TRUNCATED);
		assert_string_equal(r.method, len < line ? "" : "GET");
		assert_string_equal(r.host, len < host ? "" : "example.com");
		assert_false(r.complete);
	}
}

static void requests_are_told_by_their_method(void **state)
{
	(void)state;
	assert_true(http_is_request((const uint8_t *)"GET /", 5));
	assert_true(http_is_request((const uint8_t *)"PROPFIND /", 10));
	assert_true(http_is_request((const uint8_t *)"QUERY /", 7));
	assert_false(http_is_request((const uint8_t *)"CONNECT {\"verbose\":", 18)); /* NATS */
	assert_false(http_is_request((const uint8_t *)"GET", 3));
	assert_false(http_is_request((const uint8_t *)"GETTING ", 8));
	assert_false(http_is_request((const uint8_t *)"get / ", 6));
	assert_false(http_is_request((const uint8_t *)"USER anonymous\r\n", 16));
}

static struct http_request read_request(const char *text)
{
	struct http_request r;

	assert_int_equal(parse(text, strlen(text), &r), DECODE_OK);
	return r;
}

/* RFC 9112 3.2: a proxy is asked by an absolute form or by CONNECT. */
static void a_request_for_a_proxy_names_the_real_destination(void **state)
{
	struct http_request r;

	(void)state;
	r = read_request("CONNECT Real.example:8443 HTTP/1.1\r\nHost: front.example:1\r\n\r\n");
	assert_true(r.proxied && r.target == HTTP_TARGET_AUTHORITY);
	assert_string_equal(r.host, "real.example");
	assert_int_equal(r.host_port, 8443);
	r = read_request("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n");
	assert_string_equal(r.host, "2001:db8::1");
	assert_int_equal(r.host_port, 443);
	r = read_request("GET http://real.example/a HTTP/1.1\r\nHost: x:81\r\n\r\n");
	assert_true(r.proxied && r.target == HTTP_TARGET_ABSOLUTE);
	assert_int_equal(r.host_port, 80);
	r = read_request("GET https://real.example HTTP/1.1\r\n\r\n");
	assert_int_equal(r.host_port, 443);
	r = read_request("GET http://u:p@real.example:8080/ HTTP/1.1\r\n\r\n");
	assert_int_equal(r.host_port, 8080);
	r = read_request("CONNECT / HTTP/1.1\r\nHost: a.example\r\n\r\n");
	assert_true(!r.proxied && r.target == HTTP_TARGET_ORIGIN);
	assert_string_equal(r.host, "a.example");
	r = read_request("OPTIONS * HTTP/1.1\r\nHost: a.example:8001\r\n\r\n");
	assert_true(!r.proxied && r.target == HTTP_TARGET_ASTERISK);
	assert_int_equal(r.host_port, 8001);
	r = read_request("GET / HTTP/1.1\r\nHost: a.example:65536\r\n\r\n");
	assert_true(!r.proxied && r.target == HTTP_TARGET_ORIGIN);
	assert_int_equal(r.host_port, 0);
	r = read_request("GET / HTTP/1.1\r\nHost: a.example:80x\r\n\r\n");
	assert_int_equal(r.host_port, 0);
}

static void the_rest_of_a_head_is_read(void **state)
{
	static const char text[] = "POST /x HTTP/1.1\r\nuser-agent:  curl/8.0 \x01(\xff) \r\n"
				   "Content-Length: 1234\r\nUser-Agent: other\r\n"
				   "Content-Length: 9\r\nHost: a\r\n\r\n";
	struct http_request r = read_request(text);
	char longer[600] = "GET / HTTP/1.1\r\nUser-Agent: ";

	(void)state;
	assert_string_equal(r.agent, "curl/8.0 ?(?)");
	assert_int_equal(r.agent_len, 13);
	assert_true(r.body.has_length && r.body.length == 1234);
	assert_false(r.body.chunked || r.body.upgrade);
	assert_int_equal(r.head_bytes, sizeof(text) - 1);
	r = read_request("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\nbody");
	assert_true(r.body.chunked && !r.body.has_length);
	assert_int_equal(r.head_bytes, 53);
	r = read_request("GET / HTTP/1.1\r\nUpgrade: websocket\r\nContent-Length: -1\r\n\r\n");
	assert_true(r.body.upgrade && !r.body.has_length);
	r = read_request("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n");
	assert_true(r.body.length == UINT64_MAX);
	r = read_request("GET / HTTP/1.1\r\nContent-Length: 18446744073709551614\r\n\r\n");
	assert_true(r.body.length == UINT64_MAX - 1);
	memset(longer + 28, 'a', 300);
	memcpy(longer + 328, "\r\n\r\n", 5);
	assert_int_equal(read_request(longer).agent_len, HTTP_AGENT_MAX);
}

static void responses_are_read(void **state)
{
	static const char text[] = "HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\n"
				   "Content-Length: 12\r\n\r\nHello World!";
	struct http_response r;
	const uint8_t *bytes = (const uint8_t *)text;

	(void)state;
	assert_int_equal(http_parse_response(bytes, sizeof(text) - 1, &r), DECODE_OK);
	assert_int_equal(r.status, 404);
	assert_string_equal(r.server, "nginx/1.22.1");
	assert_true(r.complete && r.body.has_length && r.body.length == 12);
	assert_int_equal(r.head_bytes, sizeof(text) - 1 - 12);
	for (size_t len = 0; len < r.head_bytes; len++) {
		struct http_response part;

		assert_int_equal(http_parse_response(bytes, len, &part),
				 len < 12 ? DECODE_MALFORMED : DECODE_TRUNCATED);
		assert_false(part.complete);
	}
	bytes = (const uint8_t *)"HTTP/1.0 101\n\n";
	assert_int_equal(http_parse_response(bytes, 14, &r), DECODE_OK);
	assert_int_equal(r.status, 101);
	assert_string_equal(r.server, "");
	assert_false(http_is_response((const uint8_t *)"HTTP/2.0 200", 12));
	assert_false(http_is_response((const uint8_t *)"HTTP/1.1 2xx", 12));
	assert_false(http_is_response((const uint8_t *)"HTTP/1.1200 ", 12));
}

static void a_head_is_needed_to_its_empty_line(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
	char longer[HTTP_HEAD_MAX + 100];

	(void)state;
	for (size_t len = 0; len < 27; len++)
		assert_int_equal(http_needs((const uint8_t *)text, len), len + 1);
	assert_int_equal(http_needs((const uint8_t *)text, 27), 27);
	assert_int_equal(http_needs((const uint8_t *)text, 31), 27);
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(http_needs((const uint8_t *)longer, HTTP_HEAD_MAX - 1), HTTP_HEAD_MAX);
	assert_int_equal(http_needs((const uint8_t *)longer, sizeof(longer)), HTTP_HEAD_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_target),
		cmocka_unit_test(the_target_counts_more_than_the_header),
		cmocka_unit_test(hosts_are_made_comparable),
		cmocka_unit_test(careless_clients_are_understood),
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(a_cut_request_gives_what_was_read),
		cmocka_unit_test(requests_are_told_by_their_method),
		cmocka_unit_test(a_request_for_a_proxy_names_the_real_destination),
		cmocka_unit_test(the_rest_of_a_head_is_read),
		cmocka_unit_test(responses_are_read),
		cmocka_unit_test(a_head_is_needed_to_its_empty_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
