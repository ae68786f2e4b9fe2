// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/msg.h"
#include "kernel/srclines.h"

#define REMEMBERED 64 /* the same instruction hits again and again */
#define RENEW_NS   5000000000ULL

struct srcline {
	__u64 address;
	char module[64]; /* another one may lie there later */
	char text[256];  /* "" not known: it is looked up again */
};

struct srclines {
	Dwfl *dwfl;
	__u64 read_ns; /* when it was last asked which modules there are; 0: never */
	struct srcline known[REMEMBERED];
};

/*
 * libdw calls dlopen() only to load libdebuginfod, which downloads debug information; a tracer
 * must not wait for a server. Nothing else in this process loads a library at run time, so
 * dlopen() is replaced by one that fails. The static binary is linked with --wrap=dlopen,
 * because the linker warns of glibc's dlopen() even if it is not the one that is called.
 */
void *__wrap_dlopen(const char *file, int mode);

void *__wrap_dlopen(const char *file __attribute__((unused)), int mode __attribute__((unused)))
{
	return NULL;
}

void *dlopen(const char *file, int mode) __attribute__((alias("__wrap_dlopen")));

/*
 * Where a module's section lies. elfutils' own (0.188) gives the whole module up for
 * one that the kernel keeps no file for: empty ones, and more with each release.
 */
static int section_address(Dwfl_Module *m, void **data, const char *module, Dwarf_Addr base,
			   const char *section, GElf_Word index, const GElf_Shdr *header,
			   Dwarf_Addr *address)
{
	char path[256];
	FILE *file;

	(void)m, (void)data, (void)base, (void)index, (void)header;
	*address = -1; /* not there */
	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", module, section);
	file = fopen(path, "re");
	if (!file)
		return DWARF_CB_OK;
	if (fscanf(file, "%lx", address) != 1)
		*address = -1;
	fclose(file);
	return DWARF_CB_OK;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_linux_kernel_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = section_address,
};

struct srclines *srclines_new(void)
{
	return calloc(1, sizeof(struct srclines));
}

void srclines_free(struct srclines *s)
{
	if (!s)
		return;
	if (s->dwfl)
		dwfl_end(s->dwfl);
	free(s);
}

/* What the running kernel and its modules are, and where they lie. */
static void report(struct srclines *s)
{
	s->read_ns = clock_now();
	if (!s->dwfl)
		s->dwfl = dwfl_begin(&callbacks);
	if (!s->dwfl)
		return;
	dwfl_report_begin(s->dwfl);
	if (dwfl_linux_kernel_report_kernel(s->dwfl))
		msg_verbose("no source lines of the kernel: it has no symbol file here");
	if (dwfl_linux_kernel_report_modules(s->dwfl))
		msg_verbose("no source lines of modules: %s", dwfl_errmsg(-1));
	dwfl_report_end(s->dwfl, NULL, NULL);
	memset(s->known, 0, sizeof(s->known));
}

static Dwfl_Module *module_at(struct srclines *s, __u64 address, const char *name)
{
	Dwfl_Module *m = s->dwfl ? dwfl_addrmodule(s->dwfl, address) : NULL;
	const char *its = m ? dwfl_module_info(m, NULL, NULL, NULL, NULL, NULL, NULL, NULL) : NULL;

	return its && !strcmp(its, *name ? name : "kernel") ? m : NULL;
}

static void look_up(struct srclines *s, __u64 address, const char *name, char *text, size_t room)
{
	Dwfl_Module *m = module_at(s, address, name);
	const char *file;
	Dwfl_Line *line;
	int number = 0;

	text[0] = 0;
	/* Modules come and go; where they do without end, not at every hit. */
	if (!m && (!s->read_ns || clock_now() - s->read_ns >= RENEW_NS)) {
		report(s);
		m = module_at(s, address, name);
	}
	line = m ? dwfl_module_getsrc(m, address) : NULL;
	file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (file)
		snprintf(text, room, "%s:%d", file, number);
}

const char *srclines_find(struct srclines *s, __u64 address, const char *module)
{
	struct srcline *known = &s->known[address % REMEMBERED];

	if (known->address == address && *known->text && !strcmp(known->module, module))
		return known->text;
	look_up(s, address, module, known->text, sizeof(known->text));
	known->address = address;
	snprintf(known->module, sizeof(known->module), "%s", module);
	return known->text;
}
