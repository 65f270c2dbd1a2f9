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
	assert_false(http_is_request((const uint8_t *)"GET", 3));
	assert_false(http_is_request((const uint8_t *)"GETTING ", 8));
	assert_false(http_is_request((const uint8_t *)"get / ", 6));
	assert_false(http_is_request((const uint8_t *)"USER anonymous\r\n", 16));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
