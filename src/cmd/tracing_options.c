// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/msg.h"
#include "cmd/exit_status.h"
#include "cmd/options.h"
#include "cmd/tracing_options.h"

enum {
	KEY_ATTACH = 0x200,
	KEY_RING,
	KEY_DETECT,
	KEY_WATCH_CACHE,
	KEY_WATCH_FIELD,
	KEY_WATCH_TURN,
	KEY_SWEEP,
	KEY_READY,
	KEY_RECORD,
	KEY_RECORD_SIZE,
};

static const struct argp_option tracing_options[] = {
	{ "duration", 'd', "TIME", 0, "End the trace after this time: 90 or 90s, 5m, 1h, 250ms",
	  0 },
	{ "attach", KEY_ATTACH, "WAY", 0,
	  "Attach by auto (the default), fentry, kprobe, kprobe.session, or none (walk all caches at intervals)",
	  0 },
	{ "ring-buffer", KEY_RING, "SIZE", 0,
	  "Set the size of the ring buffer, such as 64M, rounded up to a power of two; a number alone is KiB (default: fits the caches and nodes, at least 2M)",
	  0 },
	{ "ready-fd", KEY_READY, "N", 0,
	  "Write a line to the file descriptor N, and close it, when everything is attached", 0 },
	{ "record", KEY_RECORD, "FILE", 0, "Record the run to FILE, for --input", 0 },
	{ "record-size", KEY_RECORD_SIZE, "SIZE", 0,
	  "Keep only the newest part of the recording, of about this size, such as 64M", 0 },
	{ NULL, 0, NULL, 0, "Accesses to freed structures:", 1 },
	{ "detect", KEY_DETECT, "TIERS", 0,
	  "Use these tiers: call, window, watchpoint, canary, separated by commas; all (the default); or none",
	  1 },
	{ "watch-cache", KEY_WATCH_CACHE, "GLOB", 0,
	  "Aim the debug registers at structures of matching caches; may be repeated (default: all caches, in turns)",
	  1 },
	{ "watch-field", KEY_WATCH_FIELD, "NAME", 0,
	  "Watch this field of struct kmem_cache_node; may be repeated (default: all fields). An x86 CPU watches four words of eight bytes at a time, and more words in turns",
	  1 },
	{ "watch-turn", KEY_WATCH_TURN, "TIME", 0,
	  "Set the length of a turn, with its unit (default: 100ms, and longer a while after a free)",
	  1 },
	{ "sweep", KEY_SWEEP, "TIME", 0,
	  "Set the interval at which freed bytes are compared (default: 1s)",
	  1 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const char *const attach_words[] = {
	[ATTACH_AUTO] = "auto",     [ATTACH_FENTRY] = "fentry",
	[ATTACH_KPROBE] = "kprobe", [ATTACH_SESSION] = "kprobe.session",
	[ATTACH_NOTHING] = "none",  NULL,
};

static unsigned int tracing_options_ring(struct argp_state *state, const char *arg)
{
	__u64 wanted = options_bytes(state, "--ring-buffer", arg, 1024);
	unsigned int bytes = 4096;

	if (!wanted || wanted > 1 << 30)
		options_invalid(state, "size", arg, "--ring-buffer", "use 1k to 1G");
	while (bytes < wanted)
		bytes <<= 1;
	return bytes;
}

static error_t add_word(const char ***words, unsigned int *count, const char *word)
{
	const char **more = realloc(*words, (*count + 1) * sizeof(*more));

	if (!more)
		return ENOMEM;
	more[(*count)++] = word;
	*words = more;
	return 0;
}

void tracing_options_tiers(struct argp_state *state, const char *option, const char *arg,
			   bool tiers[TIERS])
{
	bool all = !strcmp(arg, "all");

	for (unsigned int tier = 0; tier < TIERS; tier++)
		tiers[tier] = all;
	if (all || !strcmp(arg, "none"))
		return;
	for (const char *name = arg;; name++) {
		size_t len = strcspn(name, ",");
		int tier = finding_tier_find(name, len);

		if (tier < 0)
			options_invalid(state, "list of tiers", arg, option,
					"use call, window, watchpoint, canary; or all, or none");
		else
			tiers[tier] = true;
		name += len;
		if (!*name)
			return;
	}
}

static void parse_detect(struct detection_options *d, struct argp_state *state, const char *arg)
{
	bool tiers[TIERS];

	tracing_options_tiers(state, "--detect", arg, tiers);
	for (unsigned int tier = 0; tier < TIERS; tier++)
		d->off[tier] = !tiers[tier];
}

static error_t parse_detection(int key, char *arg, struct argp_state *state)
{
	struct detection_options *d = &((struct tracing_options *)state->input)->detection;

	switch (key) {
	case KEY_DETECT: parse_detect(d, state, arg); return 0;
	case KEY_WATCH_CACHE: return add_word(&d->watch_caches, &d->watch_cache_count, arg);
	case KEY_WATCH_FIELD: return add_word(&d->watch_fields, &d->watch_field_count, arg);
	case KEY_WATCH_TURN:
		d->turn_s = options_seconds_with_unit(state, "--watch-turn", arg);
		return 0;
	case KEY_SWEEP: d->sweep_s = options_seconds(state, "--sweep", arg); return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Parse a number of a descriptor, which CMD does not inherit. Returns it. */
static int parse_descriptor(struct argp_state *state, const char *arg)
{
	char *end;
	long fd = strtol(arg, &end, 10);

	if (end == arg || *end || fd <= STDERR_FILENO || fd > INT_MAX ||
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		options_invalid(state, "file descriptor", arg, "--ready-fd",
				"use one that is open and above 2, such as 3 with 3>FILE");
	return (int)fd;
}

void tracing_options_ready(const struct tracing_options *t)
{
	if (t->ready_fd && write(t->ready_fd, "ready\n", 6) != 6)
		msg_warn("cannot write to file descriptor %d: %s", t->ready_fd, strerror(errno));
	if (t->ready_fd)
		close(t->ready_fd);
}

#define RECORD_SIZE_MIN (16 << 10)

static __u64 parse_record_size(struct argp_state *state, const char *arg)
{
	__u64 bytes = options_bytes(state, "--record-size", arg, 1);

	if (bytes < RECORD_SIZE_MIN)
		options_invalid(state, "size", arg, "--record-size", "use 16k or more");
	return bytes;
}

struct tracing_options tracing_options_init(struct options *o)
{
	return (struct tracing_options){ .recording.options = &o->given };
}

static error_t tracing_options_parse(int key, char *arg, struct argp_state *state)
{
	struct tracing_options *t = state->input;

	option_list_note(t->recording.options, tracing_options, key, arg);
	switch (key) {
	case KEY_RECORD: t->recording.file = arg; return 0;
	case KEY_RECORD_SIZE: t->recording.limit = parse_record_size(state, arg); return 0;
	case 'd': t->duration = options_seconds(state, "--duration", arg); return 0;
	case KEY_ATTACH: t->attach = options_choose(state, "--attach", arg, attach_words); return 0;
	case KEY_READY: t->ready_fd = parse_descriptor(state, arg); return 0;
	case KEY_RING: t->ring_bytes = tracing_options_ring(state, arg); return 0;
	case ARGP_KEY_ARG:
		t->cmd = state->argv + state->next - 1;
		state->next = state->argc; /* the other arguments belong to CMD */
		return 0;
	}
	return parse_detection(key, arg, state);
}

int tracing_options_check(const struct tracing_options *t, const struct options *o)
{
	const char *other = t->cmd              ? "a command"
			    : t->recording.file ? "--record"
			    : t->duration > 0   ? "--duration"
			    : t->ready_fd       ? "--ready-fd"
			    : t->ring_bytes     ? "--ring-buffer"
			    : t->attach         ? "--attach"
						: NULL;

	if (o->input && other) {
		msg_error("--input and %s exclude each other: a recording is not run again", other);
		return EXIT_USAGE;
	}
	if (t->recording.limit && !t->recording.file) {
		msg_error("--record-size needs --record");
		return EXIT_USAGE;
	}
	return 0;
}

struct session_options tracing_options_session(struct tracing_options *t, const struct options *o,
					       const struct session_observer *observer)
{
	return (struct session_options){
		.observer = observer,
		.filter = &o->filter,
		.btf_file = o->btf_file,
		.attach = t->attach,
		.ring_bytes = t->ring_bytes,
		.detection = &t->detection,
		.recording = &t->recording,
	};
}

struct run tracing_options_run(const struct tracing_options *t, const struct options *o)
{
	return (struct run){
		.duration = t->duration,
		.cmd = t->cmd,
		/* A reader could not separate CMD's lines from ours on one stream. */
		.cmd_out = o->output ? STDOUT_FILENO : STDERR_FILENO,
	};
}

void tracing_options_free(struct tracing_options *t)
{
	free(t->detection.watch_caches);
	free(t->detection.watch_fields);
}

const struct argp tracing_options_argp = { .options = tracing_options,
					   .parser = tracing_options_parse };
