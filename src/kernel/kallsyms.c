// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/msg.h"
#include "kernel/kallsyms.h"

#define MODULES_INTERVAL_NS 100000000ULL  /* between two reads of /proc/modules */
#define SYMBOLS_INTERVAL_NS 5000000000ULL /* between two reads of /proc/kallsyms */
#define FUNCTION_BYTES_MAX  (1 << 20)     /* longer than any function */

/* --- the file --- */

struct line {
	__u64 address;
	char type;
	char *name;
	char *module; /* "" for the kernel itself */
};

typedef int (*line_fn)(void *context, const struct line *line);

static FILE *open_in(const char *proc, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", proc, name);
	return fopen(path, "re");
}

/* Parse "ffffffff81000000 T name\t[module]\n" in place. Returns false if it is malformed. */
static bool parse_line(char *text, struct line *line)
{
	char *rest;
	size_t len;

	line->address = strtoull(text, &rest, 16);
	if (rest[0] != ' ' || !rest[1] || rest[2] != ' ')
		return false;
	line->type = rest[1];
	line->name = rest + 3;
	len = strcspn(line->name, "\t\n");
	line->module = line->name + len;
	if (*line->module == '\t') {
		line->module += 1 + (line->module[1] == '[');
		line->module[strcspn(line->module, "]\n")] = 0;
	} else {
		*line->module = 0;
	}
	line->name[len] = 0;
	return true;
}

/*
 * Call `take' for each symbol until it fails. *hidden is set if all addresses are 0.
 * Returns 0 or a negative errno.
 */
static int each_line(const char *proc, line_fn take, void *context, bool *hidden)
{
	FILE *file = open_in(proc, "kallsyms");
	char *text = NULL;
	size_t room = 0;
	int err = 0;

	if (!file)
		return -errno;
	*hidden = true;
	while (!err && getline(&text, &room, file) > 0) {
		struct line line;

		if (!parse_line(text, &line))
			continue;
		*hidden &= !line.address;
		err = take(context, &line);
	}
	free(text);
	fclose(file);
	return err;
}

/* --- by name --- */

struct search {
	struct kallsyms_symbol *symbols;
	unsigned int count;
};

/*
 * Check the end of a symbol's name. gcc and clang append .isra.N, .constprop.N or .llvm.HASH
 * to the names of specialised functions, and the allocation profiling of Linux 6.10 appends
 * _noprof. A .cold part is not the function. Returns true if the symbol is the function.
 */
static bool suffix_accepted(const char *suffix)
{
	static const char *const accepted[] = { ".isra.", ".constprop.", ".llvm.", "_noprof" };

	for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++)
		if (!strncmp(suffix, accepted[i], strlen(accepted[i])) && !strstr(suffix, ".cold"))
			return true;
	return false;
}

static void kallsyms_match(struct kallsyms_symbol *s, const struct line *line)
{
	const char *name = line->name;
	size_t len;

	/* Two characters rule most of the kernel's symbols out. */
	if (name[0] != s->want[0] || name[1] != s->want[1])
		return;
	len = strlen(s->want);
	if (strncmp(name, s->want, len))
		return;
	if (name[len] && (s->found || !s->function || !suffix_accepted(name + len)))
		return;
	s->found = true;
	s->address = line->address;
	snprintf(s->name, sizeof(s->name), "%s", name);
}

static int match_all(void *context, const struct line *line)
{
	const struct search *search = context;

	for (unsigned int i = 0; i < search->count; i++)
		kallsyms_match(&search->symbols[i], line);
	return 0;
}

int kallsyms_find(const char *proc, struct kallsyms_symbol *symbols, unsigned int count,
		  bool *hidden)
{
	struct search search = { symbols, count };

	for (unsigned int i = 0; i < count; i++)
		symbols[i].found = false;
	return each_line(proc, match_all, &search, hidden);
}

/* --- by address --- */

struct function {
	__u64 address;
	char *name; /* allocated; the module's name follows its terminator */
	char *module;
};

struct kallsyms {
	const char *proc;
	bool tried, known;
	bool stale;                 /* modules have been loaded or unloaded since */
	__u64 read_ns;              /* when PROC/kallsyms was last read */
	__u64 checked_ns;           /* when PROC/modules was last read */
	struct function *functions; /* by address */
	size_t count, room;
	__u64 first, last; /* functions of the kernel itself; KASLR moves them */
	char *modules;     /* PROC/modules when the symbols were read */
};

struct kallsyms *kallsyms_new(const char *proc)
{
	struct kallsyms *k = calloc(1, sizeof(*k));

	if (k)
		k->proc = proc;
	return k;
}

static void kallsyms_clear(struct kallsyms *k)
{
	const char *proc = k->proc;

	for (size_t i = 0; i < k->count; i++)
		free(k->functions[i].name);
	free(k->functions);
	free(k->modules);
	memset(k, 0, sizeof(*k));
	k->proc = proc;
}

void kallsyms_free(struct kallsyms *k)
{
	if (!k)
		return;
	kallsyms_clear(k);
	free(k);
}

/* Read names and addresses of all modules, without the reference counts, which change often. */
static char *read_modules(const struct kallsyms *k)
{
	FILE *file = open_in(k->proc, "modules"), *stream;
	char *text = NULL, *line = NULL;
	size_t len = 0, room = 0;

	if (!file)
		return NULL;
	stream = open_memstream(&text, &len);
	while (stream && getline(&line, &room, file) > 0) {
		char name[64], address[32];

		if (sscanf(line, "%63s %*s %*s %*s %*s %31s", name, address) == 2)
			fprintf(stream, "%s %s\n", name, address);
	}
	free(line);
	fclose(file);
	if (stream)
		fclose(stream);
	return text;
}

static int kallsyms_add(struct kallsyms *k, const struct line *line)
{
	size_t len = strlen(line->name);
	char *text;

	if (k->count == k->room) {
		size_t room = k->room ? 2 * k->room : 1 << 16;
		struct function *more = realloc(k->functions, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		k->functions = more;
		k->room = room;
	}
	text = malloc(len + strlen(line->module) + 2);
	if (!text)
		return -ENOMEM;
	strcpy(text, line->name);
	strcpy(text + len + 1, line->module);
	k->functions[k->count++] = (struct function){ line->address, text, text + len + 1 };
	return 0;
}

static int add_function(void *context, const struct line *line)
{
	struct kallsyms *k = context;

	if (!strchr("tTwW", line->type))
		return 0;
	if (!*line->module && line->address) {
		k->first = k->first && k->first < line->address ? k->first : line->address;
		k->last = k->last > line->address ? k->last : line->address;
	}
	return kallsyms_add(k, line);
}

static int kallsyms_by_address(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

int kallsyms_load(struct kallsyms *k)
{
	bool hidden = true;
	int err;

	kallsyms_clear(k);
	k->tried = true;
	k->read_ns = clock_now();
	k->modules = read_modules(k); /* first, so that a module loaded meanwhile is noticed */
	err = each_line(k->proc, add_function, k, &hidden);
	if (k->count)
		qsort(k->functions, k->count, sizeof(*k->functions), kallsyms_by_address);
	k->known = !err && !hidden;
	return err;
}

/* Return true for addresses of modules, BPF programs and trampolines. */
static bool outside_of_kernel_text(const struct kallsyms *k, __u64 address)
{
	return address < k->first || address > k->last + FUNCTION_BYTES_MAX;
}

/*
 * Read the symbols again if modules have changed. A new module may have the addresses of an
 * old one, so the list of modules is compared before each address outside of the kernel's
 * text is resolved. The symbols take long to read, so they are not read at each change:
 * while modules change all the time, their functions have no names.
 */
static void kallsyms_refresh(struct kallsyms *k, __u64 address)
{
	char *modules;

	if (k->tried && (!outside_of_kernel_text(k, address) ||
			 clock_now() - k->checked_ns < MODULES_INTERVAL_NS))
		return;
	k->checked_ns = clock_now();
	modules = read_modules(k);
	k->stale = !k->tried ||
		   (modules && k->modules ? strcmp(modules, k->modules) : modules != k->modules);
	free(modules);
	if (!k->stale || (k->tried && clock_now() - k->read_ns < SYMBOLS_INTERVAL_NS))
		return;
	if (kallsyms_load(k))
		msg_verbose("cannot read /proc/kallsyms: functions have no names");
}

bool kallsyms_known(struct kallsyms *k)
{
	kallsyms_refresh(k, 0);
	return k->known;
}

struct kallsyms_place kallsyms_resolve(struct kallsyms *k, __u64 address)
{
	struct kallsyms_place unknown = { "", "", 0 };
	size_t low = 0, high;
	const struct function *f;

	kallsyms_refresh(k, address);
	high = k->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->functions[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !k->known || (k->stale && outside_of_kernel_text(k, address)))
		return unknown;
	f = &k->functions[low - 1];
	if (address - f->address >= FUNCTION_BYTES_MAX)
		return unknown;
	return (struct kallsyms_place){ f->name, f->module, address - f->address };
}
