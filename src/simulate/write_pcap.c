/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls under way lie in `scripts`; `heap` orders them by their next packet,
 * equal times by the order in which the calls began.
 */
#include "simulate/write_pcap.h"

#include "simulate/frame.h"

#include <errno.h>

struct under_way {
	struct sim_script script;
	uint64_t began; /* the how manieth call */
};

struct pcap_writer {
	struct out_file *file;
	struct pcap_format format;
	struct under_way *scripts;
	uint32_t *heap, *free_slots;
	size_t heap_size, free_count, capacity;
	uint64_t calls, packets;
};

static void out_le(struct out_file *f, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out_char(f, (char)(value >> 8 * i));
}

static void write_file_header(struct pcap_writer *w)
{
	out_le(w->file, 0xa1b2c3d4, 4);
	out_le(w->file, 2, 2);
	out_le(w->file, 4, 2);
	out_le(w->file, 0, 4);
	out_le(w->file, 0, 4);
	out_le(w->file, w->format.snaplen, 4);
	out_le(w->file, 1, 4); /* Ethernet */
}

/*
 * What is kept of a frame.  A sliced capture has the headers of everything but
 * only the first words of each side, where claims are: as capture cards do.
 */
static uint32_t kept_of(const struct pcap_writer *w, const struct sim_packet *p, uint32_t len)
{
	bool opening = p->exchange == 0 && p->segment == 0;
	uint32_t kept = len < w->format.snaplen ? len : w->format.snaplen;
	uint32_t headers = len - p->len;

	if (w->format.slice && !opening && headers < kept)
		return headers;
	return kept;
}

static void write_packet(struct pcap_writer *w, const struct sim_script *s)
{
	uint8_t frame[FRAME_MOST];
	uint32_t len = (uint32_t)frame_build(&s->call, &s->packet, frame);
	uint32_t kept = kept_of(w, &s->packet, len);

	out_le(w->file, (uint32_t)(s->packet.when / NS_PER_SEC), 4);
	out_le(w->file, (uint32_t)(s->packet.when % NS_PER_SEC / 1000), 4);
	out_le(w->file, kept, 4);
	out_le(w->file, len, 4);
	out_bytes(w->file, frame, kept);
	w->packets++;
}

static bool earlier(const struct pcap_writer *w, uint32_t a, uint32_t b)
{
	const struct under_way *x = &w->scripts[a], *y = &w->scripts[b];

	if (x->script.packet.when != y->script.packet.when)
		return x->script.packet.when < y->script.packet.when;
	return x->began < y->began;
}

static void sift_down(struct pcap_writer *w)
{
	size_t at = 0;
	uint32_t moving = w->heap[0];

	for (size_t child; (child = 2 * at + 1) < w->heap_size; at = child) {
		if (child + 1 < w->heap_size && earlier(w, w->heap[child + 1], w->heap[child]))
			child++;
		if (!earlier(w, w->heap[child], moving))
			break;
		w->heap[at] = w->heap[child];
	}
	w->heap[at] = moving;
}

static void sift_up(struct pcap_writer *w, size_t at)
{
	uint32_t moving = w->heap[at];

	for (; at > 0 && earlier(w, moving, w->heap[(at - 1) / 2]); at = (at - 1) / 2)
		w->heap[at] = w->heap[(at - 1) / 2];
	w->heap[at] = moving;
}

static int grow(struct pcap_writer *w)
{
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	struct under_way *scripts = realloc(w->scripts, capacity * sizeof(*scripts));

	if (!scripts)
		return -ENOMEM;
	w->scripts = scripts;

	uint32_t *heap = realloc(w->heap, capacity * sizeof(*heap));

	if (!heap)
		return -ENOMEM;
	w->heap = heap;

	uint32_t *free_slots = realloc(w->free_slots, capacity * sizeof(*free_slots));

	if (!free_slots)
		return -ENOMEM;
	w->free_slots = free_slots;
	for (size_t i = capacity; i-- > w->capacity;)
		w->free_slots[w->free_count++] = (uint32_t)i;
	w->capacity = capacity;
	return 0;
}

/* Write every packet that comes before `until`. */
static void write_until(struct pcap_writer *w, ns_t until)
{
	while (w->heap_size > 0) {
		struct sim_script *s = &w->scripts[w->heap[0]].script;

		if (s->packet.when >= until)
			return;
		write_packet(w, s);
		sim_script_step(s);
		if (s->done) {
			w->free_slots[w->free_count++] = w->heap[0];
			w->heap[0] = w->heap[--w->heap_size];
		}
		if (w->heap_size)
			sift_down(w);
	}
}

int pcap_writer_open(const char *path, const struct pcap_format *format,
		     struct pcap_writer **out_writer, struct complaint *why)
{
	struct pcap_writer *w = calloc(1, sizeof(*w));
	int err;

	CHECK(format->snaplen >= PCAP_SNAPLEN_LEAST && format->snaplen <= PCAP_SNAPLEN_MOST);
	if (!w)
		return -ENOMEM;
	err = out_file_open(path, &format->options, &w->file, why);
	if (err) {
		free(w);
		return err;
	}
	w->format = *format;
	write_file_header(w);
	*out_writer = w;
	return 0;
}

int pcap_writer_call(struct pcap_writer *w, const struct sim_call *call)
{
	uint32_t slot;

	write_until(w, call->when);
	if (w->free_count == 0) {
		int err = grow(w);

		if (err)
			return err;
	}
	slot = w->free_slots[--w->free_count];
	w->scripts[slot].began = w->calls++;
	sim_script_start(&w->scripts[slot].script, call);
	w->heap[w->heap_size++] = slot;
	sift_up(w, w->heap_size - 1);
	return out_file_error(w->file);
}

int pcap_writer_close(struct pcap_writer *w, struct complaint *why)
{
	int err;

	if (!w)
		return 0;
	write_until(w, INT64_MAX);
	err = out_file_close(w->file, why);
	free(w->scripts);
	free(w->heap);
	free(w->free_slots);
	free(w);
	return err;
}
