// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about symbols, at the request of user space. The kernel answers them in a
 * thousandth of the time that reading /proc/kallsyms takes. The programs are an object of their
 * own, because the addresses are constants of the others. Each is loaded where its helper exists.
 */
#include "vmlinux/vmlinux.h"
#include <bpf/bpf_helpers.h>

#define NAMES    64
#define NAME_LEN 64

char names[NAMES][NAME_LEN] = {}; /* of symbols to find */
__u32 name_count = 0;
__u64 addresses[NAMES] = {}; /* of the same symbols; 0: there is no such symbol */

__u64 address = 0;   /* to resolve */
char text[256] = {}; /* "function+0x12/0x34 [module]", or "0x..." if no function is there */

/*
 * Find the addresses of names, with the helper of "bpf: Add bpf_kallsyms_lookup_name helper"
 * (Linux 5.16). Returns 0, or -EPERM where /proc/kallsyms shows no addresses.
 */
SEC("syscall")
int find_names(void *ctx __attribute__((unused)))
{
	for (__u32 i = 0; i < NAMES && i < name_count; i++) {
		long err = bpf_kallsyms_lookup_name(names[i], NAME_LEN, 0, &addresses[i]);

		if (err == -1 /* EPERM */)
			return err;
	}
	return 0;
}

/*
 * Resolve an address, with the helper of "bpf: Add a bpf_snprintf helper" (Linux 5.13). Returns
 * the length of the text.
 */
SEC("raw_tp")
int resolve_address(void *ctx __attribute__((unused)))
{
	static const char format[] = "%pS";

	return bpf_snprintf(text, sizeof(text), format, &address, sizeof(address));
}

char LICENSE[] SEC("license") = "GPL";
