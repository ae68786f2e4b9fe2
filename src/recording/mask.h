/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records without what is secret. Addresses of the kernel are shifted by a secret constant, since
 * they defeat KASLR; their lowest bits, their distances and zero stay. Other words of memory, which
 * a secret of SLUB may hide, become other ones: equal words stay equal, and small numbers stay. The
 * names of tasks can be left out.
 */
#ifndef SLUBNODE_RECORDING_MASK_H
#define SLUBNODE_RECORDING_MASK_H

#include <stdbool.h>
#include "bpf/records.h"
#include "recording/writer.h"
#include "recording/recording.h"

struct mask {
	__u64 shift, key; /* random */
	bool no_tasks;
};

/* Return an address, or a word of memory, as the mask shows it. */
__u64 mask_address(const struct mask *m, __u64 address);
__u64 mask_word(const struct mask *m, __u64 word);

/*
 * Copy a recording to a writer that has begun: the replay of the copy gives the same answer, with
 * other addresses. Returns 0; -ENODATA if the recording is not whole, and the copy is not, either;
 * or another negative errno.
 */
int mask_recording(const struct mask *m, struct recording *from, struct recording_writer *to);

#endif /* SLUBNODE_RECORDING_MASK_H */
