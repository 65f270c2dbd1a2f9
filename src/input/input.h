/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - read whatever people have: captures and logs, plain or packed.
 *
 *	paths --input_plan()--> files in reading order --input_read()--> sink
 *
 * Recognised by content, never by name: pcap (both byte orders, micro and
 * nanoseconds), pcapng (sections, interfaces, time resolutions), Zeek conn,
 * dns, ssl and http logs as TSV or JSON; each plain or inside gzip, zstd, xz
 * or lz4 (one layer).  Files that are none of these are an error when named
 * outright, and counted and skipped when found inside a directory.
 *
 * Order.  dns, ssl and http logs come before conn logs, so that a connection's
 * names are known when it is filed; within a kind, by the time of the first
 * record, then by path.  Captures come in order of their first packet.
 *
 * Bad input.  A broken or truncated file is read up to the break: everything
 * before it reaches the sink, `why` says where and what, and the caller goes
 * on with the next file.
 *
 * Memory.  A few MiB per open file; packed files that ask for more get at most
 * 66 MiB (what xz -9 needs), whatever they claim.  Records lent to the sink
 * live until it returns, the bytes of frames longer.  Threads: one reader, one thread.
 */
#pragma once

#include "base/complaint.h"
#include "flow/flow.h"
#include "input/text.h"
#include "net/packet.h"

/* A DNS answer read from a log: `client` asked for `name` and got `addresses`. */
struct input_lookup {
	ns_t when;
	struct address client, server;	   /* server: not set if the log does not say */
	uint16_t client_port, server_port; /* 0: likewise */
	uint8_t proto;			   /* IPPROTO_UDP or IPPROTO_TCP; 0: likewise */
	bool answered;
	uint16_t type, rcode; /* type 0: not said */
	uint32_t other_bytes; /* of answers that are no addresses, as written */
	const char *name;     /* lower case, no trailing dot; borrowed, terminated */
	size_t name_len;
	const struct address *addresses;
	size_t address_count;
};

/* What an ssl or http row says of the connection `uid`. */
struct input_claim {
	uint64_t uid;
	const char *name; /* lower case server name or Host, port taken off; may be empty */
	size_t name_len;
	uint8_t app;	 /* APP_TLS or APP_HTTP */
	ns_t when;	 /* 0: not said */
	uint32_t claims; /* enum flow_claim: what is wrong with the certificate */
	/* Borrowed; empty if the row does not say. */
	struct text ja3, ja4, agent; /* of the client */
	struct text certificate;     /* hash of the server's, in hex */
	struct text host, uri;	     /* what was asked for: Host with its port; path or whole URL */
};

enum { INPUT_BUFFERS_MAX = 4 };

struct input_sink {
	/*
	 * The frame's bytes outlive the call: they stay until turn() returns for the
	 * `buffers`-th time after it, or once with `all`.  turn() is called each time
	 * before a buffer is filled anew, and with `all` before the file is closed.
	 * Without a turn() they are gone when frame() returns.
	 */
	void (*frame)(void *arg, const struct frame *frame);
	void (*turn)(void *arg, bool all); /* may be NULL */
	unsigned buffers;		   /* 1 to INPUT_BUFFERS_MAX, if there is a turn() */
	/*
	 * Where another thread may read ahead: run() has `job` done some time, by
	 * anybody, and returns at once; await() returns when it is done.  One job at
	 * a time.  Both or none; only with more than one buffer.
	 */
	void (*run)(void *arg, void (*job)(void *job_arg), void *job_arg);
	void (*await)(void *arg);
	void (*flow)(void *arg, const struct flow *flow);
	void (*lookup)(void *arg, const struct input_lookup *lookup);
	void (*claim)(void *arg, const struct input_claim *claim);
	/*
	 * Asked of a conn row as soon as its addresses and ports are known; `proto`
	 * is not, and is 0.  When it says no, what else the row holds is neither
	 * read nor judged, and the row is only told to unwanted_flow(), which then
	 * must be there, too; `last` is `first` if the row has no duration that can
	 * be read, and `served`, the responder's payload, likewise 0.  NULL: all rows
	 * are wanted.
	 */
	bool (*wants_flow)(void *arg, const struct tuple *ends);
	void (*unwanted_flow)(void *arg, const struct tuple *ends, ns_t first, ns_t last,
			      uint64_t served);
	void *arg;
	/* Now and then: compressed bytes read of this file; may be NULL. */
	void (*progress)(void *progress_arg, uint64_t bytes_read);
	void *progress_arg;
};

enum input_format {
	INPUT_UNKNOWN,
	INPUT_EMPTY, /* no bytes at all */
	INPUT_PCAP,
	INPUT_PCAPNG,
	INPUT_ZEEK_CONN,
	INPUT_ZEEK_DNS,
	INPUT_ZEEK_SSL,
	INPUT_ZEEK_HTTP,
	INPUT_ZEEK_OTHER, /* a Zeek log that holds nothing for us: skipped without complaint */
	INPUT_FORMATS
};

struct input_file {
	char *path;    /* "-" is standard input */
	uint64_t size; /* bytes on disk, 0 if not known */
	enum input_format format;
	ns_t first; /* time of the first record, 0 if not known */
	bool named; /* given by the user, not found in a directory */
};

struct input_plan {
	struct input_file *files; /* in reading order */
	size_t count;
	uint64_t bytes;		  /* sum of sizes, for progress */
	uint64_t skipped;	  /* none of ours: found in directories, or other Zeek logs */
	uint64_t skipped_unknown; /* of those: no Zeek logs, maybe data that we cannot read */
	char *first_skipped;	  /* path of the first of these; NULL: none */
	struct input_file_complaint {
		struct complaint complaint;
	} * complaints; /* files that could not be opened or recognised */
	size_t complaint_count;
};

/*
 * Look at each path (file, directory, "-", or a glob pattern that the shell
 * left alone) and plan the reading.  Directories are walked recursively;
 * symbolic links to directories are not followed.  A path that cannot be used
 * adds a complaint to the plan and is left out, an empty file that was named
 * too.  A file reached twice is read once.  Standard input and named pipes can
 * be looked at only once: they are INPUT_UNKNOWN until they are read, and come
 * last.  Returns 0, or -ENOMEM.
 */
int input_plan(const char *const *paths, size_t count, struct input_plan *out_plan) MUST_USE;
void input_plan_fini(struct input_plan *plan);

/*
 * Read one file into the sink.  0 when its end was reached, else a negative
 * errno and a sentence in `why`: -EBADMSG broken, or records had to be skipped
 * (all good ones were delivered), -ENODATA truncated (the last record is cut)
 * or empty, or what opening and reading said.
 */
int input_read(const struct input_file *file, const struct input_sink *sink,
	       struct complaint *why) MUST_USE;
