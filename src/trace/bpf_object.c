// SPDX-License-Identifier: GPL-2.0-only
/* The BPF object, which the program contains compressed: it takes 71 KB and not 462. */
#include "base/embedded.h"
#include "slubnode.skel.h"

/* build/slubnode.bpf.o.zst; the Makefile tells the assembler the folder. */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	"bpf_object_zst: .incbin \"slubnode.bpf.o.zst\"\n"
	"bpf_object_zst_end:\n"
	".popsection\n");
extern const unsigned char bpf_object_zst[], bpf_object_zst_end[];

/*
 * Return the object for slubnode__open(), in place of the function that bpftool writes; it stays
 * allocated. Returns NULL if memory is short.
 */
const void *slubnode__elf_bytes(size_t *sz)
{
	static unsigned char *object;
	static size_t bytes;

	if (!object)
		object = embedded_content(bpf_object_zst, bpf_object_zst_end - bpf_object_zst, &bytes);
	*sz = bytes;
	return object;
}
