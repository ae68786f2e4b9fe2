/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols for the model: the symbolizer resolves the addresses of a record before the record
 * enters the model. It asks the kernel, address by address, or reads /proc/kallsyms where the
 * kernel cannot be asked. It begins at the first access, because most sessions see none.
 */
#ifndef SLUBNODE_SYMBOLIZER_H
#define SLUBNODE_SYMBOLIZER_H

#include "bpf/records.h"

struct symbolizer;

struct symbolizer_ops {
	const char *proc; /* "/proc" but in tests; the pointer is kept */
	void *context;
	/* Called with each RECORD_SYMBOL. Returns 0 or a negative errno. */
	int (*emit)(void *context, const struct record *r);
};

/* Return NULL when out of memory. */
struct symbolizer *symbolizer_new(const struct symbolizer_ops *ops);
void symbolizer_free(struct symbolizer *s);

/*
 * Emit the symbols of the stacks and of the instruction of a RECORD_ACCESS,
 * RECORD_CANARY or RECORD_FREER, as far as they are new or have changed.
 * Returns 0 or a negative errno.
 */
int symbolizer_see(struct symbolizer *s, const struct record *r);

#endif /* SLUBNODE_SYMBOLIZER_H */
