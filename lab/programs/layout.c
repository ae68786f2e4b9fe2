// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print the members of a struct of the running kernel as "MEMBER OFFSET BYTES", from
 * its BTF. A shell script takes 20 s for this in a guest.
 */
#include <bpf/btf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	const struct btf_type *type;
	const struct btf_member *m;
	struct btf *btf;
	int id, i;

	btf = argc == 2 ? btf__parse("/sys/kernel/btf/vmlinux", NULL) : NULL;
	if (!btf) {
		fprintf(stderr, "usage: layout STRUCT, where there is BTF\n");
		return 2;
	}
	id = btf__find_by_name_kind(btf, argv[1], BTF_KIND_STRUCT);
	if (id < 0)
		return 1;
	type = btf__type_by_id(btf, id);
	m = btf_members(type);
	for (i = 0; i < btf_vlen(type); i++)
		printf("%s %u %lld\n", btf__name_by_offset(btf, m[i].name_off),
		       btf_member_bit_offset(type, i) / 8,
		       (long long)btf__resolve_size(btf, m[i].type));
	return 0;
}
