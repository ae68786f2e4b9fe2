/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of a recording: what is known of the run and of the machine before the first record. */
#ifndef SLUBNODE_RECORDING_HEAD_H
#define SLUBNODE_RECORDING_HEAD_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

#define HEAD_OPTIONS 128 /* at most */

struct recording_head {
	char format[16];  /* the version, as in the mark; file_begin() sets it */
	char tool[32];    /* the version of the tool */
	char command[16]; /* "trace" */
	char kernel[72];  /* uname -r */
	char build[128];  /* uname -v */
	char machine[65]; /* uname -m */
	char host[65];
	char boot_id[40];
	char cmd[256]; /* the name of CMD; "": none */
	/* The clocks at one moment. */
	__u64 monotonic_ns, boottime_ns, realtime_ns;
	/* sizeof, by BTF; 0: there is no such structure. */
	__u64 node_bytes, barn_bytes, sheaf_bytes, pgdat_bytes;
	__u64 late_possible; /* 1: this kernel allocates structures for nodes without memory */
	__u64 hidden;        /* 1: /proc/kallsyms showed no addresses */
	/* The options of the command, "--NAME" or "--NAME=ARGUMENT". */
	unsigned int option_count;
	const char *options[HEAD_OPTIONS];
	char *text; /* that the options point into, if head_parse() made them */
};

/* Set the version of the format. */
void head_set_format(struct recording_head *h, unsigned int major, unsigned int minor);

/* Print the head, a "KEY=VALUE" a line. Control characters of a value are left out. */
void head_print(FILE *out, const struct recording_head *h);

/* Parse such a text; keys that are not known are ignored. Returns 0, -EINVAL or -ENOMEM. */
int head_parse(struct recording_head *h, const char *text, size_t len);
void head_free(struct recording_head *h);

#endif /* SLUBNODE_RECORDING_HEAD_H */
