/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "proto/ssh.h"

#include <stdlib.h>

/* The ten lists of an offer; those that do not count differ from those that do. */
static const char *const lists[] = {
	"curve25519-sha256,diffie-hellman-group14-sha256",
	"ssh-ed25519",
	"chacha20-poly1305@openssh.com,aes128-ctr",
	"aes256-ctr",
	"umac-64@openssh.com,hmac-sha1",
	"hmac-sha2-512",
	"none,zlib",
	"zlib",
	"",
	"",
};

/* printf '%s;%s;%s;%s' the first, third, fifth and seventh | md5sum */
static const char hassh[] = "6e2556b1c2abe210f08413fe91ecbbbf";

struct text {
	uint8_t bytes[2048];
	size_t len;
};

static void put(struct text *t, const void *bytes, size_t len)
{
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
}

static void put32(struct text *t, size_t value)
{
	const uint8_t bytes[] = {0, 0, (uint8_t)(value >> 8), (uint8_t)value};

	put(t, bytes, 4);
}

/* RFC 4253, 7.1 */
static struct text make_hello(const char *banner)
{
	struct text t = {.len = 0}, body = {.len = 0};

	put(&body,
	    "\x14"
	    "0123456789abcdef",
	    17);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		put32(&body, strlen(lists[i]));
		put(&body, lists[i], strlen(lists[i]));
	}
	put(&body, "\0\0\0\0\0", 5);
	put(&t, banner, strlen(banner));
	put32(&t, 1 + body.len + 4);
	put(&t, "\4", 1);
	put(&t, body.bytes, body.len);
	put(&t, "pad!", 4);
	return t;
}

static enum decode_verdict parse(const void *text, size_t len, struct ssh_hello *out)
{
	uint8_t *bytes = malloc(len ? len : 1); /* exactly as long as the text */
	enum decode_verdict v;

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	memset(out, 0xee, sizeof(*out));
	v = ssh_parse_hello(bytes, len, out);
	free(bytes);
	assert_int_equal(strlen(out->software), out->software_len);
	return v;
}

static void a_client_is_told_by_its_offer(void **state)
{
	struct text t = make_hello("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
	struct ssh_hello h;

	(void)state;
	assert_int_equal(parse(t.bytes, t.len, &h), DECODE_OK);
	assert_string_equal(h.software, "OpenSSH_9.2p1 Debian-2");
	assert_string_equal(h.hassh, hassh);
	put(&t, "more", 4);
	assert_int_equal(parse(t.bytes, t.len, &h), DECODE_OK);
	assert_string_equal(h.hassh, hassh);
}

/* RFC 4253, 4.2: other lines may come first, CR may be missing, 1.99 is 2 as well. */
static void banners_differ(void **state)
{
	static const struct {
		const char *banner, *software;
	} cases[] = {
		{"SSH-2.0-Go\n", "Go"},
		{"SSH-1.99-Cisco-1.25\n", "Cisco-1.25"},
		{"Hello\r\nyou\r\nSSH-2.0-x\r\n", "x"},
		{"SSH-2.0-\x01\xffz\r\n", "??z"},
		{"SSH-2.0-\r\n", ""},
	};
	struct ssh_hello h;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text t = make_hello(cases[i].banner);

		assert_int_equal(parse(t.bytes, t.len, &h), DECODE_OK);
		assert_string_equal(h.software, cases[i].software);
		assert_string_equal(h.hassh, hassh);
	}
	assert_int_equal(parse("SSH-1.5-OpenSSH_3\nabc", 21, &h), DECODE_UNSUPPORTED);
	assert_string_equal(h.software, "OpenSSH_3");
}

static void what_is_no_hello_is_refused(void **state)
{
	static const char *const bad[] = {"SSH-2.0\r\n", "\r\nSSH-2.0-x\r\n", "SSH-\n",
					  "SSH-2.0-x\r\nGET / HTTP/1.1\r\n\r\n"};
	struct text t = make_hello("SSH-2.0-x\n");
	struct ssh_hello h;
	uint8_t lines[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(parse(bad[i], strlen(bad[i]), &h), DECODE_MALFORMED);
	t.bytes[10 + 4 + 1 + 1 + 16 + 1] = 1; /* a list longer than its packet */
	assert_int_equal(parse(t.bytes, t.len, &h), DECODE_MALFORMED);
	assert_string_equal(h.hassh, "");
	memset(lines, '\n', sizeof(lines));
	lines[0] = 'a';
	assert_int_equal(parse(lines, sizeof(lines), &h), DECODE_MALFORMED);
}

static void a_cut_hello_gives_the_banner(void **state)
{
	struct text t = make_hello("SSH-2.0-abc\r\n");
	struct ssh_hello h;

	(void)state;
	for (size_t len = 0; len < t.len; len++) {
		assert_int_equal(parse(t.bytes, len, &h), DECODE_TRUNCATED);
		assert_string_equal(h.software, len < 13 ? "" : "abc");
		assert_string_equal(h.hassh, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_told_by_its_offer),
		cmocka_unit_test(banners_differ),
		cmocka_unit_test(what_is_no_hello_is_refused),
		cmocka_unit_test(a_cut_hello_gives_the_banner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
