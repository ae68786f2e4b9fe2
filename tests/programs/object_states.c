// SPDX-License-Identifier: GPL-2.0-only
/*
 * object_states [WALKS]: walks over all caches and prints what the programs observe of each
 * structure and of the slabs. One line for each structure of each walk, and one for the walk:
 *
 *   structure STATE ADDRESS
 *   walk COMPLETE STRUCTURES IN-USE UNCOUNTED NANOSECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include "base/msg.h"
#include "trace/tracer.h"

static unsigned int structures;

static void print_walk(const struct tracer *t, const struct walk_record *r)
{
	if (r->phase == PHASE_END)
		printf("walk %u %u %llu %u %llu\n", r->complete, structures, r->in_use,
		       r->uncounted, tracer_walk_ns(t));
	structures = 0;
}

static void print_structure(const struct structure_record *r)
{
	static const char *const names[] = {
		[OBJECT_NONE] = "none",
		[OBJECT_FREE] = "free",
		[OBJECT_ALLOCATED] = "allocated",
		[OBJECT_UNKNOWN] = "unknown",
	};

	if (!r->address)
		return;
	printf("structure %s 0x%llx\n", names[r->state], r->address);
	structures++;
}

static int on_record(void *context, const struct record *r)
{
	struct tracer **t = context;

	if (r && r->type == RECORD_WALK)
		print_walk(*t, (const void *)r);
	if (r && r->type == RECORD_STRUCTURE)
		print_structure((const void *)r);
	return 0;
}

int main(int argc, char **argv)
{
	struct tracer *t = NULL;
	struct tracer_options options = {
		.attach = ATTACH_NOTHING,
		.walk_only = true,
		.record = on_record,
		.context = &t,
	};
	int walks = argc > 1 ? atoi(argv[1]) : 1, err;
	unsigned int visited;

	msg_hook_libbpf();
	err = tracer_open(&t, &options);
	while (!err && walks--)
		err = tracer_walk(t, WALK_VERIFY, &visited);
	tracer_close(t);
	return err ? 1 : 0;
}
