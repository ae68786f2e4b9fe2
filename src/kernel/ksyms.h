/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's functions by address, from /proc/kallsyms; read when the first is
 * asked for, and again when modules have come or gone.
 */
#ifndef SLUBNODE_KSYMS_H
#define SLUBNODE_KSYMS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct ksyms;

struct ksyms_place {
	const char *function; /* valid until the next look-up; "" not known */
	const char *module;   /* "" the kernel itself */
	__u64 offset;         /* bytes */
};

/* proc: "/proc", where kallsyms and modules lie; it is kept. NULL: out of memory. */
struct ksyms *ksyms_new(const char *proc);
void ksyms_free(struct ksyms *k);

/* Read now rather than at the first look-up. 0 or a negative errno. */
int ksyms_load(struct ksyms *k);

/* False: addresses are hidden (kernel.kptr_restrict, CAP_SYSLOG) or cannot be read. */
bool ksyms_known(struct ksyms *k);

struct ksyms_place ksyms_find(struct ksyms *k, __u64 address);

/* "function+0x12", "function+0x12 [module]", "0x..."; returns text. */
const char *ksyms_format(struct ksyms *k, __u64 address, char *text, size_t room);

/*
 * Takes the frames of the tracing itself (trampolines, BPF programs and helpers)
 * off the stack's inner end; how many are left, moved to the front.
 */
__u32 ksyms_strip(struct ksyms *k, __u64 *stack, __u32 len);

#endif /* SLUBNODE_KSYMS_H */
