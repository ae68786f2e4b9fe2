// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least program that has what the tool has: it opens, loads and attaches a skeleton, reads a
 * ring buffer, and uses the same libraries. Its size and memory are floors for those of the tool.
 * With an argument it calls libdw, libcap, libzstd and what the tool needs of libc, which it
 * otherwise only links.
 */
#include <argp.h>
#include <elfutils/libdwfl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <sys/capability.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>
#include "least.skel.h"

/* libdw calls dlopen() only to load libdebuginfod; see src/kernel/srclines.c. */
void *__wrap_dlopen(const char *file, int mode);

void *__wrap_dlopen(const char *file, int mode)
{
	(void)file, (void)mode;
	return NULL;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_linux_kernel_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_linux_kernel_module_section_address,
};

static void *be_a_thread(void *unused)
{
	return unused;
}

/* Parse options, match a pattern, start a thread, and format the time of day. Returns 0 if all
 * works. */
static int use_libc(char **argv)
{
	static const struct argp argp = { .doc = "The least program" };
	time_t now = time(NULL);
	pthread_t thread;
	struct tm tm;
	char text[32];

	return argp_parse(&argp, 1, argv, 0, NULL, NULL) || fnmatch("*", argv[0], 0) ||
	       pthread_create(&thread, NULL, be_a_thread, NULL) || !localtime_r(&now, &tm) ||
	       !strftime(text, sizeof(text), "%H:%M:%S", &tm);
}

/* Compress a frame as recordings have them, and decompress it. Returns 0 if that works. */
static int use_zstd(void)
{
	char text[64] = "", frame[ZSTD_COMPRESSBOUND(sizeof(text))];
	ZSTD_CCtx *c = ZSTD_createCCtx();
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer in = { frame, 0, 0 };
	ZSTD_outBuffer out = { text, sizeof(text), 0 };

	ZSTD_CCtx_setParameter(c, ZSTD_c_strategy, ZSTD_fast);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	in.size = ZSTD_compress2(c, frame, sizeof(frame), text, sizeof(text));
	return ZSTD_isError(in.size) || ZSTD_decompressStream(d, &out, &in);
}

/* Find the source line of an address. Returns 0 if it has one. */
static int use_libraries(unsigned long address)
{
	Dwfl *dwfl = dwfl_begin(&callbacks);
	Dwfl_Module *module;
	int line = 0;

	if (!dwfl || dwfl_linux_kernel_report_kernel(dwfl) ||
	    dwfl_linux_kernel_report_modules(dwfl) || dwfl_report_end(dwfl, NULL, NULL))
		return 1;
	module = dwfl_addrmodule(dwfl, address);
	if (!cap_get_proc() || !module ||
	    !dwfl_lineinfo(dwfl_module_getsrc(module, address), NULL, &line, NULL, NULL, NULL))
		return 1;
	dwfl_end(dwfl);
	return 0;
}

static int on_record(void *context, void *data, size_t size)
{
	(void)context, (void)data, (void)size;
	return 0;
}

int main(int argc, char **argv)
{
	struct ring_buffer *ring;
	struct least *least;

	if (argc > 1)
		return use_libraries(strtoul(argv[1], NULL, 16)) || use_zstd() || use_libc(argv);
	least = least__open_and_load();
	if (!least || least__attach(least))
		return 1;
	ring = ring_buffer__new(bpf_map__fd(least->maps.records), on_record, NULL, NULL);
	while (ring && ring_buffer__poll(ring, -1) >= 0)
		;
	return 1;
}
