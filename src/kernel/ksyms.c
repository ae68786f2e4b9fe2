// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/msg.h"
#include "kernel/ksyms.h"
#include "ksyms.skel.h"

/* Load the program of one name. Returns NULL with errno if the kernel does not take it. */
static struct ksyms *ksyms_load_one(const char *name)
{
	struct ksyms *skeleton = ksyms__open();
	struct bpf_program *program;
	libbpf_print_fn_t print;
	int err;

	if (!skeleton)
		return NULL;
	bpf_object__for_each_program (program, skeleton->obj)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	print = libbpf_set_print(NULL); /* an old kernel's refusal is no problem to report */
	err = ksyms__load(skeleton);
	libbpf_set_print(print);
	if (!err)
		return skeleton;
	msg_verbose("the kernel cannot be asked for symbols (%s): %s", name, strerror(-err));
	ksyms__destroy(skeleton);
	errno = -err;
	return NULL;
}

/* Run a program once. Returns what it returned, or a negative errno. */
static int ksyms_run(const struct bpf_program *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(bpf_program__fd(program), &opts);

	return err ?: (int)opts.retval;
}

/* --- by name --- */

static int put_names(struct ksyms__bss *bss, const struct kallsyms_symbol *symbols,
		     unsigned int count)
{
	if (count > sizeof(bss->names) / sizeof(*bss->names))
		return -E2BIG;
	for (unsigned int i = 0; i < count; i++) {
		if (strlen(symbols[i].want) >= sizeof(*bss->names))
			return -ENAMETOOLONG;
		strcpy(bss->names[i], symbols[i].want);
	}
	bss->name_count = count;
	return 0;
}

int ksyms_find(struct kallsyms_symbol *symbols, unsigned int count)
{
	struct ksyms *skeleton = ksyms_load_one("find_names");
	int err;

	if (!skeleton)
		return -errno;
	err = put_names(skeleton->bss, symbols, count) ?: ksyms_run(skeleton->progs.find_names);
	for (unsigned int i = 0; i < count && !err; i++) {
		struct kallsyms_symbol *s = &symbols[i];

		s->address = skeleton->bss->addresses[i];
		s->found = s->address;
		if (s->found)
			snprintf(s->name, sizeof(s->name), "%s", s->want);
	}
	ksyms__destroy(skeleton);
	return err;
}

/* --- by address --- */

struct ksyms *ksyms_open(void)
{
	return ksyms_load_one("resolve_address");
}

void ksyms_close(struct ksyms *skeleton)
{
	ksyms__destroy(skeleton);
}

/* Parse "function+0x12/0x34 [module]" in place. Without a function it is "0x...". */
static struct kallsyms_place ksyms_parse(char *text)
{
	struct kallsyms_place place = { "", "", 0 };
	char *offset = strstr(text, "+0x"), *module;

	if (!offset)
		return place;
	module = strstr(offset, " [");
	place.offset = strtoull(offset + 1, NULL, 16);
	*offset = 0;
	place.function = text;
	if (module) {
		place.module = module + 2;
		module[2 + strcspn(module + 2, " ]")] = 0;
	}
	return place;
}

struct kallsyms_place ksyms_resolve(struct ksyms *skeleton, __u64 address)
{
	struct ksyms__bss *bss = skeleton->bss;

	bss->address = address;
	bss->text[0] = 0;
	ksyms_run(skeleton->progs.resolve_address);
	bss->text[sizeof(bss->text) - 1] = 0;
	return ksyms_parse(bss->text);
}
