// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "kernel/ksyms.h"
#include "base/msg.h"

#define ASK_NS   100000000ULL
#define RENEW_NS 5000000000ULL
#define FAR      (1 << 20) /* no function is that long */

struct function {
	__u64 address;
	char *name; /* "name" or "name\tmodule", both ended; in `text' */
	char *module;
};

struct ksyms {
	const char *proc; /* where it is mounted */
	bool tried, known;
	bool stale;                 /* modules have come or gone since */
	__u64 read_ns;              /* when it was read */
	__u64 asked_ns;             /* when it was asked which modules there are */
	struct function *functions; /* by address */
	size_t count, room;
	__u64 first, last; /* of the functions that are no module's; KASLR moves them */
	char *modules;     /* /proc/modules when they were read */
};

struct ksyms *ksyms_new(const char *proc)
{
	struct ksyms *k = calloc(1, sizeof(*k));

	if (k)
		k->proc = proc;
	return k;
}

static void forget(struct ksyms *k)
{
	for (size_t i = 0; i < k->count; i++)
		free(k->functions[i].name);
	free(k->functions);
	free(k->modules);
	*k = (struct ksyms){ .proc = k->proc };
}

void ksyms_free(struct ksyms *k)
{
	if (!k)
		return;
	forget(k);
	free(k);
}

static FILE *open_in(const struct ksyms *k, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", k->proc, name);
	return fopen(path, "re");
}

/* Names and places of all modules; their reference counts change all the time. */
static char *read_modules(const struct ksyms *k)
{
	FILE *file = open_in(k, "modules"), *stream;
	char *text = NULL, *line = NULL;
	size_t len = 0, room = 0;

	if (!file)
		return NULL;
	stream = open_memstream(&text, &len);
	while (stream && getline(&line, &room, file) > 0) {
		char name[64], place[32];

		if (sscanf(line, "%63s %*s %*s %*s %*s %31s", name, place) == 2)
			fprintf(stream, "%s %s\n", name, place);
	}
	free(line);
	fclose(file);
	if (stream)
		fclose(stream);
	return text;
}

static int add(struct ksyms *k, __u64 address, const char *name, const char *module)
{
	size_t len = strlen(name);
	char *text;

	if (k->count == k->room) {
		size_t room = k->room ? 2 * k->room : 1 << 16;
		struct function *more = realloc(k->functions, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		k->functions = more;
		k->room = room;
	}
	text = malloc(len + strlen(module) + 2);
	if (!text)
		return -ENOMEM;
	strcpy(text, name);
	strcpy(text + len + 1, module);
	k->functions[k->count++] = (struct function){ address, text, text + len + 1 };
	return 0;
}

/* "ffffffff81000000 T name\t[module]" */
static int take_line(struct ksyms *k, char *line)
{
	char *rest, *name, *module;
	__u64 address = strtoull(line, &rest, 16);

	if (rest[0] != ' ' || !rest[1] || !strchr("tTwW", rest[1]) || rest[2] != ' ')
		return 0;
	name = rest + 3;
	module = strchr(name, '\t');
	name[strcspn(name, "\t\n")] = 0;
	if (module) {
		module += 1 + (module[1] == '[');
		module[strcspn(module, "]\n")] = 0;
	}
	k->known |= address != 0;
	if (!module && address) {
		k->first = k->first && k->first < address ? k->first : address;
		k->last = k->last > address ? k->last : address;
	}
	return add(k, address, name, module ?: "");
}

static int compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

int ksyms_load(struct ksyms *k)
{
	FILE *file = open_in(k, "kallsyms");
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	forget(k);
	k->tried = true;
	k->read_ns = clock_now();
	if (!file)
		return -errno;
	k->modules = read_modules(k);
	while (!err && getline(&line, &room, file) > 0)
		err = take_line(k, line);
	free(line);
	fclose(file);
	qsort(k->functions, k->count, sizeof(*k->functions), compare);
	if (err)
		k->known = false;
	return err;
}

/* Or of a program: what comes and goes lies outside of the kernel's own text. */
static bool of_a_module(const struct ksyms *k, __u64 address)
{
	return address < k->first || address > k->last + FAR;
}

/*
 * Modules lie where others lay before them: what is there now is asked for each
 * time. Reading all symbols again takes long; where modules come and go without
 * end their functions have no names meanwhile.
 */
static void renew(struct ksyms *k, __u64 address)
{
	char *modules;

	if (k->tried && (!of_a_module(k, address) || clock_now() - k->asked_ns < ASK_NS))
		return;
	k->asked_ns = clock_now();
	modules = read_modules(k);
	k->stale = !k->tried ||
		   (modules && k->modules ? strcmp(modules, k->modules) : modules != k->modules);
	free(modules);
	if (!k->stale || (k->tried && clock_now() - k->read_ns < RENEW_NS))
		return;
	if (ksyms_load(k))
		msg_verbose("/proc/kallsyms cannot be read: functions have no names");
}

bool ksyms_known(struct ksyms *k)
{
	renew(k, 0);
	return k->known;
}

struct ksyms_place ksyms_find(struct ksyms *k, __u64 address)
{
	struct ksyms_place unknown = { "", "", 0 };
	size_t low = 0, high;
	const struct function *f;

	renew(k, address);
	high = k->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !k->known || (k->stale && of_a_module(k, address)))
		return unknown;
	f = &k->functions[low - 1];
	if (address - f->address >= FAR)
		return unknown;
	return (struct ksyms_place){ f->name, f->module, address - f->address };
}

const char *ksyms_format(struct ksyms *k, __u64 address, char *text, size_t room)
{
	struct ksyms_place p = ksyms_find(k, address);

	if (!*p.function)
		snprintf(text, room, "0x%llx", (unsigned long long)address);
	else
		snprintf(text, room, "%s+0x%llx%s%s%s", p.function, (unsigned long long)p.offset,
			 *p.module ? " [" : "", p.module, *p.module ? "]" : "");
	return text;
}

/* Of the tracing: programs, trampolines and helpers, and what they run in. */
static bool of_tracing(const char *function, const char *module)
{
	static const char *const prefixes[] = { "bpf_",
						"__bpf_",
						"____bpf_",
						"trace_call_bpf",
						"kprobe_",
						"kretprobe_",
						"arch_rethook_",
						"rethook_",
						"__kretprobe_",
						"ftrace_",
						"optimized_callback",
						"perf_",
						"__perf_",
						"hw_breakpoint_",
						"notify_die",
						"atomic_notifier_",
						"notifier_call_chain",
						"exc_debug",
						"asm_exc_debug",
						"do_debug",

						"get_perf_callchain" };

	if (!strcmp(module, "bpf"))
		return true;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(function, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

__u32 ksyms_strip(struct ksyms *k, __u64 *stack, __u32 len)
{
	__u32 from = 0;

	/* Without bpf_jit_kallsyms a program has no name; it lies before the first that has. */
	for (__u32 i = 0; i < len; i++) {
		struct ksyms_place p = ksyms_find(k, stack[i]);

		if (*p.function && !of_tracing(p.function, p.module))
			break;
		from = i + 1;
	}
	if (from >= len)
		return len; /* nothing known: better all than none */
	memmove(stack, stack + from, (len - from) * sizeof(*stack));
	return len - from;
}
