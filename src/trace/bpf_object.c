// SPDX-License-Identifier: GPL-2.0-only
/* The BPF object, which the program contains compressed: it takes 78 KB and not 453. */
#include "base/gunzip.h"
#include "slubnode.skel.h"

/* build/slubnode.bpf.o.gz; the Makefile tells the assembler the folder. */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	"bpf_object_gz: .incbin \"slubnode.bpf.o.gz\"\n"
	"bpf_object_gz_end:\n"
	".popsection\n");
extern const unsigned char bpf_object_gz[], bpf_object_gz_end[];

/*
 * Return the object for slubnode__open(), in place of the function that bpftool writes; it stays
 * allocated. Returns NULL if memory is short.
 */
const void *slubnode__elf_bytes(size_t *sz)
{
	static unsigned char *object;
	static size_t bytes;

	if (!object)
		object = gunzip(bpf_object_gz, bpf_object_gz_end - bpf_object_gz, &bytes);
	*sz = bytes;
	return object;
}
