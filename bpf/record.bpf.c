// SPDX-License-Identifier: GPL-2.0-only
/* The ring buffer, and the counts of records for which it had no room. */
#include "bpf/record.bpf.h"

__u64 lost_records = 0;
__u64 lost_accesses = 0;
__u32 disarmed = 0;

/* User space sets its size before the load. */
struct records records SEC(".maps");
