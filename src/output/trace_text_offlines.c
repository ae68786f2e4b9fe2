// SPDX-License-Identifier: GPL-2.0-only
/* Text of `trace': memory that stays online, and the slabs on its node. */
#include <string.h>
#include "base/text.h"
#include "output/trace_view.h"

#define ROOM        1024
#define NAMED       5          /* caches, at most */
#define LARGE_BYTES (64 << 10) /* from here on the size of a cache's slabs is printed */

#define ADD(...) text_append(text, ROOM, __VA_ARGS__)

/* Write "node 1: block 40 stays online (EBUSY)". */
static void add_failure(char *text, const struct offline_failure *f)
{
	const char *error = strerrorname_np(-f->error);

	if (f->nid >= 0)
		ADD("node %d: ", f->nid);
	if (f->first_block == NO_BLOCK)
		ADD("memory stays online");
	else if (f->first_block == f->last_block)
		ADD("block %llu stays online", f->first_block);
	else
		ADD("blocks %llu to %llu stay online", f->first_block, f->last_block);
	ADD(" (%s", error ? error : strerror(-f->error));
	if (f->count > 1)
		ADD(", %llu tries", f->count);
	ADD(")");
}

/* Write "dentry 37 (296 KiB, reclaimable)". */
static void add_cache_slabs(char *text, const struct cache_slabs *c)
{
	char name[4 * CACHE_NAME_LEN + 1], bytes[BYTES_ROOM], *zero;

	ADD("%s", escape_text(name, sizeof(name), c->name));
	if (c->slabs < 0)
		return;
	ADD(" %lld", c->slabs);
	if (c->bytes < LARGE_BYTES) {
		ADD(c->reclaimable ? " (reclaimable)" : "");
		return;
	}
	text_bytes(bytes, c->bytes);
	zero = strstr(bytes, ".0 ");
	if (zero)
		memmove(zero, zero + 2, strlen(zero + 2) + 1);
	ADD(" (%s%s)", bytes, c->reclaimable ? ", reclaimable" : "");
}

static void add_node_slabs(char *text, const struct slab_list *l)
{
	if (!l) {
		ADD("; the slabs on the node are not known");
		return;
	}
	if (!l->count) {
		ADD(l->slabs < 0 ? "; this kernel does not count the slabs on the node"
				 : "; no slabs on the node");
		return;
	}
	ADD(l->slabs < 0 ? "; partial slabs on the node: " : "; slabs on the node: ");
	for (size_t i = 0; i < l->count && i < NAMED; i++) {
		ADD(i ? ", " : "");
		add_cache_slabs(text, &l->list[i]);
	}
	if (l->count > NAMED)
		ADD(" and %zu more", l->count - NAMED);
}

void trace_text_offline(struct view *v, const struct offline_failure *f)
{
	char text[ROOM] = "", comm[4 * TASK_COMM_LEN + 1];

	add_failure(text, f);
	if (f->nid >= 0)
		add_node_slabs(text, f->slabs);
	if (f->task)
		ADD("; by %s[%u]", escape_text(comm, sizeof(comm), f->task->comm), f->task->tgid);
	trace_text_time(v, f->time_ns);
	fputs(trace_text_paint(v, YELLOW), v->out);
	text_wrap(v->out, text, TRACE_TIME_WIDTH, TRACE_TIME_WIDTH, v->columns);
	fputs(trace_text_paint(v, PLAIN), v->out);
	if (v->slabs_explained)
		return;
	v->slabs_explained = true;
	fprintf(v->out, "%*s", TRACE_TIME_WIDTH, "");
	text_wrap(v->out,
		  "Pages that are no slabs are not shown; they can keep memory online, too.",
		  TRACE_TIME_WIDTH, TRACE_TIME_WIDTH, v->columns);
}
