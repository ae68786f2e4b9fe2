/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format of a recording, as slubnode-trace-recording(5) describes it: a mark that is not
 * compressed, and frames of zstd. The content of a frame begins with a struct frame_head. The first
 * frame has the head, as text; those that follow have entries; the last one has nothing, and shows
 * that the recording is whole.
 */
#ifndef SLUBNODE_RECORDING_FORMAT_H
#define SLUBNODE_RECORDING_FORMAT_H

#include <linux/types.h>

/*
 * A reader refuses a file of a newer major version. It reads one of a newer minor version: records
 * may be longer, and types that it does not know count as malformed. It reads each older minor
 * version: the fields that a record lacks are 0.
 */
#define RECORDING_MAJOR 1U
#define RECORDING_MINOR 0U

#define RECORDING_NAME       "slubnode-trace"
#define RECORDING_SKIPPABLE  0x184D2A53 /* a skippable frame of zstd, with a number that we chose */
#define RECORDING_BYTE_ORDER 0x01020304

/* The beginning of the file. zstd(1) skips it. */
struct recording_mark {
	__u32 skippable;
	__u32 bytes; /* that follow */
	char name[16];
	__u16 major, minor;
	__u32 byte_order;
};

#define FRAME_BYTES     (256 << 10) /* of the content, from which the writer begins a new frame */
#define FRAME_BYTES_MAX (1 << 20)   /* the most that a reader takes */

enum frame_kind {
	FRAME_HEAD = 1, /* text: see head.h */
	FRAME_ENTRIES,
	/* Entries that restore the state in the middle of a run; of use only after the head. */
	FRAME_STATE,
	FRAME_END,
	FRAME_KINDS,
};

struct frame_head {
	/* Of the head 0; grows by 1 from frame to frame. After the head, a state may begin later. */
	__u64 sequence;
	__u32 kind;  /* enum frame_kind */
	__u32 bytes; /* that follow */
};

enum entry_kind {
	ENTRY_RECORD = 1, /* a record of bpf/records.h */
	ENTRY_START,      /* nothing: the initial scan is over */
	ENTRY_RUN,        /* struct recording_run: the run is over; the last entry */
	/* Never in a file: between them the writer gets the entries of a state. */
	ENTRY_STATE_BEGIN,
	ENTRY_STATE_END,
};

/* The head of an entry. Its data follows, and zeros up to a multiple of 8 bytes. */
struct entry_head {
	__u32 kind; /* enum entry_kind */
	__u32 len;  /* of the data */
};

#define ENTRY_BYTES(len) (sizeof(struct entry_head) + (((len) + 7UL) & ~7UL))

/* How the run ended. */
struct recording_run {
	__s32 error;       /* negative errno that ended it, or 0 */
	__s32 cmd_error;   /* negative errno: CMD could not be started */
	__u32 cmd_started; /* the rest is about CMD */
	__u32 cmd_ended;
	__s32 cmd_status; /* of waitpid(2), if it has ended */
	__u32 pad;
};

#endif /* SLUBNODE_RECORDING_FORMAT_H */
