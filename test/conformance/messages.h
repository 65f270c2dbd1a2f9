/* SPDX-License-Identifier: Apache-2.0 */
/*
 * messages.h - every DNS message and HTTP/1 head of a capture, for comparison.
 *
 * Uses the rooms of the program - fragments, streams, parsers - but reads on
 * where the program is content with how a conversation opens.  Stops in a stream
 * where a body has no length.  A test's tool: it allocates as it likes.
 */
#pragma once

#include "net/packet.h"
#include "proto/dns.h"
#include "proto/http.h"

/* One of `dns`, `request` and `response` is told; `sender` has its ends, sender first. */
typedef void message_fn(const struct tuple *sender, const struct dns_message *dns,
			const struct http_request *request, const struct http_response *response);

struct messages; /* opaque */

struct messages *messages_new(message_fn *on_message);
void messages_frame(struct messages *m, const struct frame *frame);
void messages_free(struct messages *m); /* tells what is still waiting */
