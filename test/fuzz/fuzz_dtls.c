/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of one client: | length 2 | datagram | ...; a hello stays what it was when complete. */
#include "base/cursor.h"
#include "proto/dtls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct cursor c = cursor_over(bytes, len);
	static struct dtls_opening opening;

	opening = (struct dtls_opening){0};
	for (int i = 0; i < 8 && cursor_left(&c) > 0; i++) {
		size_t want = cursor_u16(&c), left = cursor_left(&c);
		size_t here = want < left ? want : left;
		const uint8_t *datagram = cursor_take(&c, here);
		struct tls_hello hello;
		enum decode_verdict v;

		if (!datagram)
			break;
		v = dtls_read(&opening, datagram, here, &hello);
		CHECK(hello.complete == (v == DECODE_OK));
		CHECK(strlen(hello.sni) == hello.sni_len);
		CHECK(opening.hello.filled <= opening.hello.high);
		CHECK(opening.hello.high <= TLS_GATHER_MAX);
		(void)dtls_is_hello(datagram, here);
	}
	return 0;
}
