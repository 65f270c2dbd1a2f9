/* SPDX-License-Identifier: Apache-2.0 */
#include "messages.h"

#include "base/hash.h"
#include "flow/stream.h"
#include "net/fragments.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { TALKERS = 1 << 18 };

enum language { NOT_YET, REQUESTS, RESPONSES, DNS, NOTHING };

/* One direction of a TCP conversation. */
struct talker {
	struct tuple sender;
	struct stream stream;
	enum language language;
};

struct messages {
	message_fn *tell;
	struct fragment_table *fragments;
	struct stream_pool *pool;
	struct hash_key key;
	struct talker *talkers;
};

/* What a look at a view came to: this much is done with, and this much is wanted next. */
struct look {
	size_t done, need; /* need 0: nothing more is to be read */
};

static struct talker *find(struct messages *m, const struct tuple *sender)
{
	uint64_t at = hash_bytes(&m->key, sender, sizeof(*sender));

	for (size_t tries = 0; tries < TALKERS; tries++, at++) {
		struct talker *t = &m->talkers[at % TALKERS];

		if (t->sender.src.version == 0)
			t->sender = *sender;
		if (memcmp(&t->sender, sender, sizeof(*sender)) == 0)
			return t;
	}
	CHECK(!"more conversations than a test's tool was made for");
	return NULL;
}

static bool is_name_port(uint16_t port)
{
	return port == 53 || port == 5353 || port == 5355;
}

static enum language language_of(const struct tuple *t, const uint8_t *bytes, size_t len)
{
	if (is_name_port(t->src_port) || is_name_port(t->dst_port))
		return DNS;
	if (http_is_request(bytes, len))
		return REQUESTS;
	return http_is_response(bytes, len) ? RESPONSES : NOTHING;
}

static size_t read_dns(struct messages *m, const struct tuple *sender, const uint8_t *bytes,
		       size_t len)
{
	struct dns_message dns;
	const uint8_t *message;
	size_t message_len, taken = dns_tcp_next(bytes, len, &message, &message_len);

	if (taken && dns_parse(message, message_len, &dns) != DECODE_MALFORMED)
		m->tell(sender, &dns, NULL, NULL);
	return taken;
}

/* How far a message reaches, or SIZE_MAX if its body has no length or is in pieces. */
static size_t reach(size_t head, const struct http_body *body, bool has_body)
{
	if (!has_body)
		return head;
	if (body->chunked || body->upgrade || !body->has_length || body->length > UINT32_MAX)
		return SIZE_MAX;
	return head + (size_t)body->length;
}

static size_t read_request(struct messages *m, const struct tuple *sender, const uint8_t *bytes,
			   size_t len)
{
	struct http_request r;

	if (!http_is_request(bytes, len) || http_parse_request(bytes, len, &r) == DECODE_MALFORMED)
		return SIZE_MAX;
	m->tell(sender, NULL, &r, NULL);
	if (!r.complete || r.target == HTTP_TARGET_AUTHORITY)
		return SIZE_MAX;
	return reach(r.head_bytes, &r.body, r.body.has_length || r.body.chunked);
}

static size_t read_response(struct messages *m, const struct tuple *sender, const uint8_t *bytes,
			    size_t len)
{
	struct http_response r;
	bool bodiless;

	if (!http_is_response(bytes, len) ||
	    http_parse_response(bytes, len, &r) == DECODE_MALFORMED)
		return SIZE_MAX;
	m->tell(sender, NULL, NULL, &r);
	bodiless = r.status == 204 || r.status == 304 || (r.status >= 100 && r.status < 200);
	return r.complete ? reach(r.head_bytes, &r.body, !bodiless) : SIZE_MAX;
}

/* Read what messages there are from the start of a view. */
static struct look read_view(struct messages *m, struct talker *t, const struct stream_view *view)
{
	const uint8_t *bytes = view->bytes;
	size_t done = 0, need;

	if (t->language == NOT_YET && view->len < 16 && !view->final)
		return (struct look){.done = 0, .need = 16};
	if (t->language == NOT_YET)
		t->language = language_of(&t->sender, bytes, view->len);
	while (done < view->len && t->language != NOTHING) {
		size_t left = view->len - done, taken;

		if (t->language == DNS) {
			need = left < 2 ? 2 : 2 + ((size_t)bytes[done] << 8 | bytes[done + 1]);
			if (need > STREAM_MAX)
				break;
		} else {
			need = http_needs(bytes + done, left);
		}
		if (need > left && !view->final)
			return (struct look){done, need};
		taken = t->language == DNS ? read_dns(m, &t->sender, bytes + done, left)
			: t->language == REQUESTS
				? read_request(m, &t->sender, bytes + done, left)
				: read_response(m, &t->sender, bytes + done, left);
		if (taken == 0 || taken == SIZE_MAX)
			return (struct look){0};
		done += taken;
	}
	return t->language == NOTHING || view->final ? (struct look){0}
						     : (struct look){.done = done, .need = 1};
}

static void read_segment(struct messages *m, const struct packet *p)
{
	struct talker *t = find(m, &p->tuple);
	struct stream_view view;
	struct look look;

	if (!stream_read(m->pool, &t->stream, p, &view))
		return;
	look = read_view(m, t, &view);
	if (look.need)
		stream_keep(m->pool, &t->stream, p, &view, look.done, look.need);
	else
		stream_settle(m->pool, &t->stream, &p->tuple);
}

static void on_packets(enum decode_verdict verdict, const struct packet *packets, unsigned count,
		       void *arg)
{
	const struct packet *p = &packets[count - 1];
	struct messages *m = arg;
	struct dns_message dns;

	if (verdict != DECODE_OK)
		return;
	if (p->tuple.proto == IPPROTO_TCP)
		read_segment(m, p);
	else if (p->payload && p->tuple.proto == IPPROTO_UDP &&
		 (is_name_port(p->tuple.src_port) || is_name_port(p->tuple.dst_port)) &&
		 dns_parse(p->payload, p->payload_captured, &dns) != DECODE_MALFORMED)
		m->tell(&p->tuple, &dns, NULL, NULL);
}

struct messages *messages_new(message_fn *on_message)
{
	struct messages *m = calloc(1, sizeof(*m));

	CHECK(m);
	m->tell = on_message;
	m->key = hash_key_new();
	m->talkers = calloc(TALKERS, sizeof(*m->talkers));
	m->pool = stream_pool_new((size_t)256 << 20);
	m->fragments = fragment_table_new((size_t)64 << 20, on_packets, m);
	CHECK(m->talkers && m->pool && m->fragments);
	return m;
}

void messages_frame(struct messages *m, const struct frame *frame)
{
	struct packet packets[PACKET_LAYERS_MAX];
	unsigned count;
	enum decode_verdict verdict = decode_frame(frame, packets, &count);

	if (verdict == DECODE_FRAGMENT)
		fragment_table_add(m->fragments, &packets[count - 1]);
	else if (verdict == DECODE_OK)
		on_packets(verdict, packets, count, m);
}

void messages_free(struct messages *m)
{
	struct stream_view view;

	fragment_table_flush(m->fragments);
	for (size_t i = 0; i < TALKERS; i++) {
		struct talker *t = &m->talkers[i];

		if (t->sender.src.version && stream_is_pending(&t->stream) &&
		    stream_rest(m->pool, &t->stream, &t->sender, &view))
			read_view(m, t, &view);
	}
	fragment_table_free(m->fragments);
	stream_pool_free(m->pool);
	free(m->talkers);
	free(m);
}
