// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/msg.h"
#include "base/read_line.h"
#include "kernel/srclines.h"

#define CACHED   64 /* results; the same instruction hits again and again */
#define RENEW_NS 5000000000ULL

struct srcline {
	__u64 address;
	char module[64]; /* another module may have the address later */
	char text[256];  /* "": not known; it is looked up again */
};

struct srclines {
	Dwfl *dwfl;
	__u64 read_ns; /* when the modules were last reported to libdw; 0: never */
	struct srcline cached[CACHED];
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
 * Find the address of a module's section. The callback of elfutils (0.188) rejects the whole module
 * if the kernel has no file for one of its sections, such as an empty one.
 */
static int section_address(Dwfl_Module *m, void **data, const char *module, Dwarf_Addr base,
			   const char *section, GElf_Word index, const GElf_Shdr *header,
			   Dwarf_Addr *address)
{
	char path[256], text[32];

	(void)m, (void)data, (void)base, (void)index, (void)header;
	*address = -1; /* the section is not loaded */
	snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", module, section);
	if (!read_line(path, text, sizeof(text)))
		*address = strtoul(text, NULL, 16);
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

/* Report the running kernel and its modules, with their addresses, to libdw. */
static void report_modules(struct srclines *s)
{
	s->read_ns = clock_now();
	if (!s->dwfl)
		s->dwfl = dwfl_begin(&callbacks);
	if (!s->dwfl)
		return;
	dwfl_report_begin(s->dwfl);
	if (dwfl_linux_kernel_report_kernel(s->dwfl))
		msg_verbose("no source lines of the kernel: no symbol file is installed");
	if (dwfl_linux_kernel_report_modules(s->dwfl))
		msg_verbose("no source lines of modules: %s", dwfl_errmsg(-1));
	dwfl_report_end(s->dwfl, NULL, NULL);
	memset(s->cached, 0, sizeof(s->cached));
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
	/* Modules may have been loaded since. A report takes long, so not every hit causes one. */
	if (!m && (!s->read_ns || clock_now() - s->read_ns >= RENEW_NS)) {
		report_modules(s);
		m = module_at(s, address, name);
	}
	line = m ? dwfl_module_getsrc(m, address) : NULL;
	file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	if (file)
		snprintf(text, room, "%s:%d", file, number);
}

const char *srclines_find(struct srclines *s, __u64 address, const char *module)
{
	struct srcline *cached = &s->cached[address % CACHED];

	if (cached->address == address && *cached->text && !strcmp(cached->module, module))
		return cached->text;
	look_up(s, address, module, cached->text, sizeof(cached->text));
	cached->address = address;
	snprintf(cached->module, sizeof(cached->module), "%s", module);
	return cached->text;
}
