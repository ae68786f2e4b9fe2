// SPDX-License-Identifier: GPL-2.0-only
/* The ring buffer, and how many records found no room in it. */
#include "bpf/record.bpf.h"

__u64 lost_events = 0;
__u64 lost_accesses = 0;

/* Its size: the front end sets what fits the machine. */
struct events events SEC(".maps");
