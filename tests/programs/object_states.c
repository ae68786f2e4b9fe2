// SPDX-License-Identifier: GPL-2.0-only
/*
 * object_states STEP...: attaches the programs, walks over all caches, and takes the steps.
 * A step is "walk", the address of a structure whose state is sought from then on, or a shell
 * command. It prints what the programs observe, one line for each record:
 *
 *   structure STATE ADDRESS
 *   dropped STATE ADDRESS      a structure to which a node pointer no longer points
 *   sought STATE ADDRESS
 *   walk REASON STRUCTURES IN-USE UNCOUNTED QUIET ALLOCATED   at its end
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/msg.h"
#include "trace/tracer.h"

static unsigned int structures;

static void print_state(const char *what, __u32 state, __u64 address)
{
	static const char *const names[] = {
		[OBJECT_NONE] = "none",
		[OBJECT_FREE] = "free",
		[OBJECT_ALLOCATED] = "allocated",
		[OBJECT_UNKNOWN] = "unknown",
	};

	printf("%s %s 0x%llx\n", what, names[state], address);
}

static void print_walk(const struct walk_record *r)
{
	static const char *const reasons[WALK_REASONS] = {
		[WALK_INITIAL] = "initial",
		[WALK_VERIFY] = "verify",
		[WALK_BEFORE] = "before",
		[WALK_AFTER] = "after",
	};

	if (r->phase == PHASE_END)
		printf("walk %s %u %llu %u %u %lld\n", reasons[r->reason], structures, r->in_use,
		       r->uncounted, r->quiet, (long long)r->allocated);
	structures = 0;
}

static void print_structure(const struct structure_record *r)
{
	if (r->prev_state)
		print_state("dropped", r->prev_state, r->previous);
	if (r->address && r->state)
		print_state("structure", r->state, r->address);
	structures += r->address != 0;
}

static int on_record(void *context, const struct record *r)
{
	const struct object_record *object = (const void *)r;

	(void)context;
	if (!r)
		return -EINVAL;
	switch (r->type) {
	case RECORD_WALK: print_walk((const void *)r); break;
	case RECORD_STRUCTURE: print_structure((const void *)r); break;
	case RECORD_OBJECT: print_state("sought", object->state, object->address); break;
	}
	return 0;
}

static int take_step(struct tracer *t, const char *step)
{
	unsigned int visited;

	if (!strcmp(step, "walk"))
		return tracer_walk(t, WALK_VERIFY, &visited);
	if (!strncmp(step, "0x", 2)) {
		struct sought_object sought = { .address = strtoull(step, NULL, 16) };

		return tracer_seek(t, &sought);
	}
	return system(step) ? -ECHILD : tracer_read(t);
}

int main(int argc, char **argv)
{
	struct tracer *t = NULL;
	struct tracer_options options = { .detect = true, .record = on_record };
	unsigned int visited;
	int err;

	msg_hook_libbpf();
	err = tracer_open(&t, &options);
	if (err)
		return 1;
	err = tracer_walk(t, WALK_INITIAL, &visited);
	for (int i = 1; i < argc && !err; i++)
		err = take_step(t, argv[i]);
	tracer_close(t);
	return err ? 1 : 0;
}
