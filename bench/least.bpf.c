// SPDX-License-Identifier: GPL-2.0-only
/* One empty program and a ring buffer, for bench/least.c. */
#include "vmlinux/vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

SEC("raw_tracepoint/sched_process_exec")
int empty(void *ctx __attribute__((unused)))
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
