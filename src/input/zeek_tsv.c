/* SPDX-License-Identifier: Apache-2.0 */
#include "input/zeek_tsv.h"

#include "input/zeek_conn.h"

#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char label_gap[] = "   ";

struct zeek_tsv zeek_tsv_init(void)
{
	return (struct zeek_tsv){
		.separator = '\t',
		.set_separator = ',',
		.unset = "-",
		.unset_len = 1,
		.empty = "(empty)",
		.empty_len = 7,
		.kind = INPUT_ZEEK_OTHER,
		.absent = (1u << ZEEK_FIELDS) - 1,
	};
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character, as itself or as \xNN; 0 if it is neither. */
static char one_character(struct text text)
{
	if (text.len == 1)
		return text.at[0];
	if (text.len == 4 && text.at[0] == '\\' && text.at[1] == 'x') {
		int high = hex_digit(text.at[2]), low = hex_digit(text.at[3]);

		return (char)(high < 0 || low < 0 ? 0 : high << 4 | low);
	}
	return 0;
}

static void set_word(char *out, uint8_t *out_len, size_t size, struct text text)
{
	if (!text.at || text.len > size)
		return;
	if (text.len)
		memcpy(out, text.at, text.len);
	*out_len = (uint8_t)text.len;
}

static void find_kind(struct zeek_tsv *tsv)
{
	if (!tsv->path_seen)
		tsv->kind = zeek_kind_of_fields(tsv->fields);
	tsv->wanted = tsv->ends = 0;
	tsv->absent = (1u << ZEEK_FIELDS) - 1;
	for (uint32_t i = 0; i < tsv->columns; i++) {
		enum zeek_field field = tsv->field_of[i];

		if (field == ZEEK_FIELDS)
			continue;
		if (zeek_fields_used(tsv->kind) & 1u << field)
			tsv->wanted = i + 1;
		if (zeek_conn_ends_fields & 1u << field)
			tsv->ends = i + 1;
	}
	for (uint32_t i = 0; i < tsv->wanted; i++)
		if (tsv->field_of[i] != ZEEK_FIELDS)
			tsv->absent &= ~(1u << tsv->field_of[i]);
}

static void set_columns(struct zeek_tsv *tsv, struct text names)
{
	tsv->fields = tsv->columns = tsv->labelled = 0;
	while (names.at && tsv->columns < ZEEK_COLUMNS_MAX) {
		struct text name = text_split(names, tsv->separator, &names);
		const char *gap = memmem(name.at, name.len, label_gap, strlen(label_gap));
		size_t len = gap ? (size_t)(gap - name.at) : name.len;
		enum zeek_field field = zeek_field_named(name.at, len);

		if (field != ZEEK_FIELDS && tsv->fields & 1u << field)
			field = ZEEK_FIELDS; /* a second column of that name is not the real one */
		tsv->field_of[tsv->columns++] = (uint8_t)field;
		if (field != ZEEK_FIELDS)
			tsv->fields |= 1u << field;
		if (gap)
			tsv->labelled = tsv->columns;
	}
	find_kind(tsv);
}

void zeek_tsv_header(struct zeek_tsv *tsv, struct text line)
{
	struct text rest, word;

	word = text_split(line, ' ', &rest);
	if (text_is(word, "#separator")) {
		char c = one_character(rest);

		*tsv = zeek_tsv_init(); /* a new log begins */
		if (c)
			tsv->separator = c;
		return;
	}
	word = text_split(line, tsv->separator, &rest);
	if (!rest.at)
		return;
	if (text_is(word, "#set_separator")) {
		char c = one_character(rest);

		if (c)
			tsv->set_separator = c;
	} else if (text_is(word, "#unset_field")) {
		set_word(tsv->unset, &tsv->unset_len, sizeof(tsv->unset), rest);
	} else if (text_is(word, "#empty_field")) {
		set_word(tsv->empty, &tsv->empty_len, sizeof(tsv->empty), rest);
	} else if (text_is(word, "#path")) {
		tsv->kind = zeek_kind_named(rest);
		tsv->path_seen = true;
		find_kind(tsv);
	} else if (text_is(word, "#fields")) {
		set_columns(tsv, rest);
	}
}

/*
 * Splitting.  Fields are short, six bytes on average, so that memchr() for
 * each would cost more in calls than in looking.  Instead a block of bytes is
 * compared at once, and every separator in it is a bit to be picked: 64 bytes
 * where there is SSE2, which every x86-64 has, else eight in a plain register.
 */
struct cutter {
	const char *at, *end; /* the block that `found` is about; the end of the line */
	uint64_t found;	      /* the separators in it, a bit each */
	char separator;
};

#ifdef __SSE2__
enum { BLOCK = 64, BLOCK_STEP = 1 };

static inline uint64_t equal16(const char *at, __m128i pattern)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);

	return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern));
}

static inline uint64_t equal64(const char *at, char separator)
{
	__m128i pattern = _mm_set1_epi8(separator);

	return equal16(at, pattern) | equal16(at + 16, pattern) << 16 |
	       equal16(at + 32, pattern) << 32 | equal16(at + 48, pattern) << 48;
}

/* Nothing behind the line is read: its last block is looked at together with what is before. */
static inline uint64_t separators(const struct cutter *c, const char *start)
{
	size_t left = (size_t)(c->end - c->at);
	char copy[BLOCK] = {0};

	if (left >= BLOCK)
		return equal64(c->at, c->separator);
	if (!left)
		return 0;
	if (c->end - start >= BLOCK)
		return equal64(c->end - BLOCK, c->separator) >> (BLOCK - left);
	memcpy(copy, c->at, left);
	return equal64(copy, c->separator) & (((uint64_t)1 << left) - 1);
}
#else
enum { BLOCK = 8, BLOCK_STEP = 8 };

static inline uint64_t separators(const struct cutter *c, const char *start)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
	uint64_t x = 0;

	(void)start;
	if (c->end - c->at >= BLOCK)
		memcpy(&x, c->at, BLOCK);
	else
		for (ptrdiff_t i = 0; i < c->end - c->at; i++)
			((char *)&x)[i] = c->at[i];
	x = le64toh(x) ^ 0x0101010101010101u * (unsigned char)c->separator;
	return ~(((x & low) + low) | x | low);
}
#endif

static inline struct cutter cutter_over(struct text line, size_t done, char separator)
{
	struct cutter c = {.at = line.at + done, .end = line.at + line.len, .separator = separator};

	c.found = separators(&c, line.at);
	return c;
}

/* The next separator, or NULL. */
static inline const char *cutter_next(struct cutter *c, const char *start)
{
	const char *separator;

	while (!c->found) {
		if (c->end - c->at <= BLOCK)
			return NULL;
		c->at += BLOCK;
		c->found = separators(c, start);
	}
	separator = c->at + __builtin_ctzll(c->found) / BLOCK_STEP;
	c->found &= c->found - 1;
	return separator;
}

static inline bool is_word(const char *at, size_t len, const char *word, size_t word_len)
{
	return len == word_len && (len == 0 || at[0] == word[0]) &&
	       (len <= 1 || !memcmp(at, word, len));
}

static inline void set_field(const struct zeek_tsv *tsv, uint32_t column, const char *at,
			     size_t len, struct zeek_row *out)
{
	enum zeek_field field = tsv->field_of[column];

	if (field == ZEEK_FIELDS)
		return;
	if (column + 1 == tsv->labelled) {
		const char *gap = memmem(at, len, label_gap, strlen(label_gap));

		if (gap)
			len = (size_t)(gap - at);
	}
	if (is_word(at, len, tsv->unset, tsv->unset_len))
		at = NULL;
	if (!at || is_word(at, len, tsv->empty, tsv->empty_len))
		len = 0;
	out->field[field] = (struct text){at, len};
}

/* Columns up to `until`, the wanted ones into `out`.  False if there are fewer. */
static inline bool split_until(const struct zeek_tsv *tsv, struct zeek_split *split, uint32_t until,
			       struct zeek_row *out)
{
	struct text line = split->line;
	struct cutter cutter;
	const char *at = line.at + split->done;
	uint32_t i = split->column;

	if (i == until)
		return true;
	if (split->done > line.len)
		return false;
	cutter = cutter_over(line, split->done, tsv->separator);
	for (; i < until; i++) {
		const char *stop = cutter_next(&cutter, line.at);

		if (i < tsv->wanted)
			set_field(tsv, i, at, (size_t)((stop ? stop : cutter.end) - at), out);
		if (!stop) {
			split->done = line.len + 1;
			split->column = i + 1;
			return i + 1 == until;
		}
		at = stop + 1;
	}
	split->done = (size_t)(at - line.at);
	split->column = i;
	return true;
}

/* Of these fields, those that have no column are not in the row. */
static inline void clear_absent(const struct zeek_tsv *tsv, uint32_t fields, struct zeek_row *out)
{
	for (uint32_t absent = tsv->absent & fields; absent; absent &= absent - 1)
		out->field[__builtin_ctz(absent)] = (struct text){NULL, 0};
}

bool zeek_tsv_split(const struct zeek_tsv *tsv, struct text line, bool strict, struct zeek_row *out)
{
	struct zeek_split split = {.line = line};

	if (!line.at)
		return false;
	clear_absent(tsv, UINT32_MAX, out);
	out->json = false;
	out->set_separator = tsv->set_separator;
	return split_until(tsv, &split, strict ? tsv->columns : tsv->wanted, out);
}

bool zeek_tsv_split_ends(const struct zeek_tsv *tsv, struct text line, struct zeek_split *split,
			 struct zeek_row *out)
{
	*split = (struct zeek_split){.line = line};
	clear_absent(tsv, zeek_conn_ends_fields, out);
	return split_until(tsv, split, tsv->ends, out);
}

bool zeek_tsv_split_rest(const struct zeek_tsv *tsv, struct zeek_split *split, struct zeek_row *out)
{
	clear_absent(tsv, ~zeek_conn_ends_fields, out);
	out->json = false;
	out->set_separator = tsv->set_separator;
	return split_until(tsv, split, tsv->wanted, out);
}

/* Zeek's columns since 2.4, when local_resp came; later ones were only appended. */
static const char default_order[] =
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration"
	"\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory"
	"\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents";

bool zeek_tsv_guess(struct zeek_tsv *tsv, struct text line)
{
	static const char *const protos[] = {"tcp", "udp", "icmp", "unknown_transport"};
	struct zeek_tsv guess = zeek_tsv_init();
	struct zeek_row row;
	struct address address;
	struct text *field = row.field;
	uint64_t number;
	uint16_t port;
	ns_t when;
	bool known = false;

	zeek_tsv_header(&guess, (struct text){default_order, strlen(default_order)});
	if (!zeek_tsv_split(&guess, line, false, &row))
		return false;
	if (!text_time(field[ZEEK_TS], &when) || !text_address(field[ZEEK_ORIG_H], &address) ||
	    !text_address(field[ZEEK_RESP_H], &address) || !text_port(field[ZEEK_ORIG_P], &port) ||
	    !text_port(field[ZEEK_RESP_P], &port) || !text_count(field[ZEEK_ORIG_PKTS], &number) ||
	    !text_count(field[ZEEK_RESP_IP_BYTES], &number) || !field[ZEEK_PROTO].at)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		known |= text_is(field[ZEEK_PROTO], protos[i]);
	if (!known)
		return false;
	*tsv = guess;
	return true;
}
