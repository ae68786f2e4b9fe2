// SPDX-License-Identifier: GPL-2.0-only
/* The BPF object, which the program contains compressed: it takes 78 KB and not 453. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "slubnode.skel.h"

/* build/slubnode.bpf.o.gz; the Makefile tells the assembler the folder. */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	"bpf_object_gz: .incbin \"slubnode.bpf.o.gz\"\n"
	"bpf_object_gz_end:\n"
	".popsection\n");
extern const unsigned char bpf_object_gz[], bpf_object_gz_end[];

/* Return the size of the content, which is at the end of a file of gzip (RFC 1952: ISIZE). */
static size_t inflated_bytes(void)
{
	size_t len = bpf_object_gz_end - bpf_object_gz;
	__u32 bytes;

	memcpy(&bytes, bpf_object_gz + len - sizeof(bytes), sizeof(bytes));
	return bytes;
}

static bool inflate_all(unsigned char *to, size_t bytes)
{
	z_stream stream = {
		.next_in = (unsigned char *)bpf_object_gz,
		.avail_in = bpf_object_gz_end - bpf_object_gz,
		.next_out = to,
		.avail_out = bytes,
	};
	int status;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) /* 16: the format of gzip */
		return false;
	status = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return status == Z_STREAM_END && stream.total_out == bytes;
}

/*
 * Return the object for slubnode__open(), in place of the function that bpftool writes; it stays
 * allocated. Returns NULL if memory is short.
 */
const void *slubnode__elf_bytes(size_t *sz)
{
	static unsigned char *object;

	*sz = inflated_bytes();
	if (!object) {
		object = malloc(*sz);
		if (object && !inflate_all(object, *sz)) {
			free(object);
			object = NULL;
		}
	}
	return object;
}
