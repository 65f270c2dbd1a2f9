/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of one client: | how 1 | length 2 | bytes | ...  The lowest bit of `how`
 * says whether the bytes are a datagram as they stand, or plain text that is
 * sealed first, without which no fuzzer would get past the keys; the next, in
 * which version.
 */
#include "base/cursor.h"
#include "quic_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const uint8_t id[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

static void check_read(struct quic_keys *keys, struct quic_opening *opening, const uint8_t *bytes,
		       size_t len)
{
	struct tls_hello hello;
	enum decode_verdict v = quic_read(keys, opening, bytes, len, &hello);

	CHECK(hello.complete == (v == DECODE_OK));
	CHECK(strlen(hello.sni) == hello.sni_len);
	CHECK(opening->hello.filled <= opening->hello.high);
	CHECK(opening->hello.high <= TLS_GATHER_MAX);
	CHECK(v == DECODE_UNSUPPORTED || v == DECODE_MALFORMED || v == DECODE_TRUNCATED ||
	      opening->keyed);
	(void)quic_is_initial(bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct quic_keys *keys;
	static struct quic_maker makers[2];
	static struct quic_opening opening;
	struct cursor c = cursor_over(bytes, len);

	if (!keys) {
		keys = quic_keys_new();
		makers[0] = quic_maker(QUIC_V1, id, sizeof(id));
		makers[1] = quic_maker(QUIC_V2, id, sizeof(id));
	}
	memset(&opening, 0, sizeof(opening));
	for (int i = 0; i < 4 && cursor_left(&c) > 0; i++) {
		uint8_t how = cursor_u8(&c);
		size_t want = cursor_u16(&c), left = cursor_left(&c);
		size_t here = want < left ? want : left;
		const uint8_t *part = cursor_take(&c, here);
		struct quic_packet p;

		if (!part)
			break;
		if (how & 1 || here < 4 || here > MAKER_MAX - 100) {
			check_read(keys, &opening, part, here);
			continue;
		}
		p = quic_seal(&makers[how >> 1 & 1], part, here);
		check_read(keys, &opening, p.bytes, p.len);
	}
	return 0;
}
