// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "trace/targets.h"

/* libbpf has one set of handlers for the whole process. */
static const struct kernel_btf *targets_btf;

/* The sections of the programs, and what the kernel calls the function of a target. */
static const struct {
	const char *section;
	enum bpf_attach_type attach_type;
	const char *prefix;
} sections[] = {
	{ "fentry/", BPF_TRACE_FENTRY, "" },
	{ "fexit/", BPF_TRACE_FEXIT, "" },
	{ "iter/", BPF_TRACE_ITER, "bpf_iter_" },
};
#define SECTIONS (sizeof(sections) / sizeof(*sections))
static int handlers[SECTIONS]; /* 0: none; libbpf counts from 1 */

/*
 * Give a program its target right before it is loaded. It has another type until then, for which
 * libbpf reads no BTF. Returns 0 or a negative errno.
 */
static int set_target(struct bpf_program *program, struct bpf_prog_load_opts *opts, long index)
{
	const char *section = bpf_program__section_name(program);
	char function[64];

	snprintf(function, sizeof(function), "%s%s", sections[index].prefix,
		 section + strlen(sections[index].section));
	opts->attach_btf_id = kernel_btf_function_id(targets_btf, function);
	if (!opts->attach_btf_id)
		return -ESRCH;
	return bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
}

/* Let libbpf handle the sections by itself. */
static void unregister(void)
{
	for (size_t i = 0; i < SECTIONS; i++) {
		if (handlers[i])
			libbpf_unregister_prog_handler(handlers[i]);
		handlers[i] = 0;
	}
}

int targets_find_in(const struct kernel_btf *btf)
{
	unregister();
	targets_btf = btf;
	for (size_t i = 0; btf && i < SECTIONS; i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)i,
			    .prog_prepare_load_fn = set_target);
		int handler = libbpf_register_prog_handler(sections[i].section,
							   BPF_PROG_TYPE_RAW_TRACEPOINT,
							   sections[i].attach_type, &opts);

		if (handler < 0) {
			unregister();
			return handler;
		}
		handlers[i] = handler;
	}
	return 0;
}
