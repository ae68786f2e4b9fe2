// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "cmd/tar.h"

#define BLOCK 512

/* The header of POSIX.1-1988, with the magic of ustar. Numbers are octal. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type, link[100], magic[6], version[2], user[32], group[32], device[16];
	char prefix[155], pad[12];
};

static void put_zeros(FILE *out, size_t count)
{
	while (count--)
		fputc(0, out);
}

void tar_add(FILE *out, const char *name, const void *bytes, size_t len, __u64 wall_ns)
{
	struct tar_header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	unsigned int sum = 0;

	snprintf(h.name, sizeof(h.name), "%s", name);
	strcpy(h.mode, "0000600");
	strcpy(h.uid, "0000000");
	strcpy(h.gid, "0000000");
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)len & 077777777777);
	snprintf(h.mtime, sizeof(h.mtime), "%011llo", wall_ns / 1000000000 & 077777777777);
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const unsigned char *)&h)[i];
	snprintf(h.checksum, sizeof(h.checksum), "%06o", sum & 0777777);
	fwrite(&h, sizeof(h), 1, out);
	fwrite(bytes, 1, len, out);
	put_zeros(out, (BLOCK - len % BLOCK) % BLOCK);
}

void tar_end(FILE *out)
{
	put_zeros(out, 2 * (size_t)BLOCK);
}
