// SPDX-License-Identifier: GPL-2.0-only
/* The text of `trace', from the records to the screen. */
#include "fake_model.h"
#include "output/trace_view.h"

static struct view view;
static char *text;
static size_t text_len;

static void on_transition(void *context, const struct transition *t)
{
	(void)context;
	view.ops->transition(&view, t);
}

static void on_change(void *context, const struct node_change *c)
{
	(void)context;
	view.ops->change(&view, c);
}

static void on_offline(void *context, const struct offline_failure *f)
{
	(void)context;
	view.ops->offline_failed(&view, f);
}

static int setup(void **state)
{
	model_setup(state);
	setenv("TZ", "UTC", 1);
	observer.transition = on_transition;
	observer.change = on_change;
	observer.offline_failed = on_offline;
	view = (struct view){ .ops = &view_text, .columns = 80 };
	view.wall_ns = 1795783200000000000; /* 2026-11-27 12:40:00 */
	return 0;
}

static int teardown(void **state)
{
	free(text);
	text = NULL;
	return model_teardown(state);
}

/* Begin a trace of a kernel with three caches. */
static void start(enum generation g)
{
	struct facts facts;

	view.out = open_memstream(&text, &text_len);
	assert_non_null(view.out);
	begin(g, 2);
	k.now = 0;
	k.comm = "sh";
	for (int nid = 0; nid < 2; nid++)
		k.slab_node[nid] = true;
	cache_make("kmem_cache_node");
	cache_make("dentry");
	cache_make("inode");
	first_look();
	model_facts(m, &facts);
	view.zero_ns = k.now;
	view.ops->start(&view, &facts);
}

/* End it. The text has all that was printed. */
static void end(void)
{
	finish();
	view.ops->summary(&view, m, k.now);
	fclose(view.out);
}

#define HEAD "Linux 6.12.0: 3 caches, 6 structures; memory: nodes 0-1\n\n"

#define assert_text(wanted) assert_string_equal(text, wanted)

static void a_cycle(void **state __attribute__((unused)))
{
	int lines = 0;

	start(RETAINS);
	k.now = view.zero_ns + 93000000;
	offline(1);
	k.now = view.zero_ns + 401000000;
	online(1);
	end();
	assert_text(
		HEAD
		"12:40:00.093  node 1 going offline                                    sh[142]\n"
		"12:40:00.093  node 1 offline       3 structures retained, 768 bytes   sh[142]\n"
		"12:40:00.401  node 1 online        3 structures reused                sh[142]\n"
		"\n"
		"Nothing unsafe was seen. This kernel kept all 3 structures of node 1; the node\n"
		"is back and uses them all.\n");
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_true(lines <= 12);
}

static void a_cycle_of_a_freeing_kernel(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	online(1);
	end();
	assert_non_null(strstr(text, "  node 1 offline       3 structures freed, 768 bytes "));
	assert_non_null(strstr(text, "  node 1 online        3 structures allocated, 768 bytes "));
}

static void times(void **state __attribute__((unused)))
{
	view.time = TIME_RELATIVE;
	start(RETAINS);
	k.now = view.zero_ns + 1500000000;
	callback(NODE_GOING_OFFLINE, 1);
	view.time = TIME_MONOTONIC;
	view.zero_ns = 7;
	k.now = 12345678900;
	callback(NODE_OFFLINE, 1);
	/* After midnight the date is printed. */
	view.time = TIME_WALL;
	callback(NODE_GOING_ONLINE, 1);
	callback(NODE_ONLINE, 1);
	k.now += 12 * 3600 * 1000000000ULL;
	callback(NODE_GOING_OFFLINE, 1);
	end();
	assert_non_null(strstr(text, "\n    1.500000  node 1 going offline "));
	assert_non_null(strstr(text, "\n   12.345679  node 1 offline"));
	assert_non_null(strstr(text, "\n12:40:12.345  node 1 online"));
	assert_non_null(strstr(text, "\n2026-11-28\n00:40:12.345  node 1 going offline "));
}

struct some_slabs {
	const char *cache;
	__u64 slabs;
	__u32 slab_bytes, reclaimable;
};

/* Feed a failed offline, and the walk for the slabs of node 1. */
static void offline_fails(int error, const struct some_slabs *s)
{
	struct offline_record e = {
		.head = { .tgid = 142, .comm = "sh" }, .block = 40, .nid = 1, .ret = -error
	};
	struct walk_record w = { .walk = 7, .reason = WALK_SLABS, .nid = 1, .complete = 1 };

	feed(&e.head, RECORD_OFFLINE, sizeof(e));
	feed(&w.head, RECORD_WALK, sizeof(w));
	for (; s->cache; s++) {
		struct slabs_record r = { .walk = 7,
					  .cache = 0x1000,
					  .slabs = s->slabs,
					  .partial = 1,
					  .nid = 1,
					  .slab_bytes = s->slab_bytes,
					  .reclaimable = s->reclaimable };

		snprintf(r.name, sizeof(r.name), "%s", s->cache);
		feed(&r.head, RECORD_SLABS, sizeof(r));
	}
	w.phase = PHASE_END;
	feed(&w.head, RECORD_WALK, sizeof(w));
	turn();
}

static void count_slabs(void)
{
	session.layout.count = 1;
	snprintf(session.layout.field[0].name, sizeof(session.layout.field[0].name), "nr_slabs");
}

static void an_offline_that_fails(void **state __attribute__((unused)))
{
	static const struct some_slabs some[] = { { "kmalloc-512", 4, 4096, 0 },
						  { "dentry", 37, 8192, 1 },
						  {} };

	count_slabs();
	view.columns = 0;
	start(RETAINS);
	k.now = view.zero_ns + 93000000;
	offline_fails(EBUSY, some);
	k.now = view.zero_ns + 10000000000;
	offline_fails(EINTR, some);
	end();
	assert_text(
		HEAD
		"12:40:00.093  node 1: block 40 stays online (EBUSY); slabs on the node: dentry 37 (296 KiB, reclaimable), kmalloc-512 4; by sh[142]\n"
		"              Pages that are no slabs are not shown; they can keep memory online, too.\n"
		"12:40:10.000  node 1: block 40 stays online (EINTR); slabs on the node: dentry 37 (296 KiB, reclaimable), kmalloc-512 4; by sh[142]\n"
		"\n"
		"No memory was removed or added. Every node has memory: nothing is held.\n");
}

static void an_offline_that_fails_with_many_slabs(void **state __attribute__((unused)))
{
	static const struct some_slabs many[] = { { "g", 1, 4096, 0 },     { "b", 96, 16384, 0 },
						  { "a\n", 300, 8192, 0 }, { "f", 2, 4096, 0 },
						  { "c", 9, 4096, 1 },     { "e", 3, 4096, 0 },
						  { "d", 4, 4096, 0 },     {} };
	static const struct some_slabs none[] = { {} };

	count_slabs();
	start(RETAINS);
	offline_fails(EBUSY, many);
	for (int i = 0; i < 3; i++) {
		k.now += 100000000;
		offline_fails(EBUSY, none);
	}
	end();
	assert_text(
		HEAD
		"12:40:00.000  node 1: block 40 stays online (EBUSY); slabs on the node: a\\x0a\n"
		"              300 (2.3 MiB), b 96 (1.5 MiB), c 9 (reclaimable), d 4, e 3 and 2\n"
		"              more; by sh[142]\n"
		"              Pages that are no slabs are not shown; they can keep memory\n"
		"              online, too.\n"
		"12:40:00.300  node 1: block 40 stays online (EBUSY, 3 tries); no slabs on the\n"
		"              node; by sh[142]\n"
		"\n"
		"No memory was removed or added. Every node has memory: nothing is held.\n");
}

static void slabs_that_the_kernel_does_not_count(void **state __attribute__((unused)))
{
	static const struct some_slabs some[] = { { "dentry", SLABS_UNKNOWN, 8192, 1 }, {} };
	static const struct some_slabs none[] = { {} };

	view.columns = 0;
	start(RETAINS);
	offline_fails(EBUSY, some);
	k.now += 10000000000;
	offline_fails(EBUSY, none);
	end();
	assert_non_null(strstr(text, "(EBUSY); partial slabs on the node: dentry; by sh[142]\n"));
	assert_non_null(
		strstr(text, "(EBUSY); this kernel does not count the slabs on the node; by sh"));
}

static void the_task(void **state __attribute__((unused)))
{
	struct node_record r = {
		.head = { .time_ns = 2000, .tgid = 142, .tid = 142, .comm = "sh\n" },
		.transition = NODE_GOING_OFFLINE,
		.nid = 1,
		.any_nid = 1,
	};

	start(RETAINS);
	feed(&r.head, RECORD_NODE, sizeof(r));
	r.phase = PHASE_END;
	feed(&r.head, RECORD_NODE, sizeof(r));
	end();
	assert_non_null(strstr(text, "12:40:00.000  node 1 going offline                        "
				     "            sh\\x0a[142]\n"));
}

static void events(void **state __attribute__((unused)))
{
	view.events = true;
	start(RETAINS);
	offline(1);
	destroy(create("fat"));
	end();
	assert_non_null(
		strstr(text, "  node 1 retained      dentry                   0xffff8880000"));
	assert_non_null(strstr(text, "  cache-created        fat  "));
	assert_non_null(
		strstr(text, "  node 0 freed         fat                      0xffff8880000"));
}

static void without_events(void **state __attribute__((unused)))
{
	start(RETAINS);
	destroy(create("fat"));
	end();
	assert_null(strstr(text, "fat  0x"));
	assert_null(strstr(text, "cache-created"));
	/* Something else happened to it than to the others. */
	assert_non_null(strstr(text, "\nCACHES THAT DIFFER     ALLOCATED   FREED\n"
				     "fat                            2       2\n"
				     "each of the other 3            0       0\n"));
}

static void all_caches(void **state __attribute__((unused)))
{
	view.by_cache = true;
	start(RETAINS);
	offline(1);
	end();
	assert_non_null(strstr(text, "\nCACHE                  RETAINED    HELD     MEMORY\n"));
	assert_non_null(strstr(text, "\ndentry                        1       1  256 bytes\n"));
	assert_non_null(strstr(text, "\nNODE                   RETAINED    HELD     MEMORY\n"));
	assert_non_null(strstr(text, "\n1    no memory                3       3  768 bytes\n"));
}

static void what_is_explained(void **state __attribute__((unused)))
{
	start(RETAINS);
	blocks_are(1, 1, 3, 40, 40);
	k.now += 6000000000;
	turn();
	cancel_offline(1);
	callback(NODE_OFFLINE, 1);
	k.ret = 0x8000 | (1 + ENOMEM);
	callback(NODE_GOING_ONLINE, 1);
	k.ret = 0;
	callback(NODE_CANCEL_ONLINE, 1);
	loses(2);
	view.ops->lost(&view, 2, k.now);
	end();
	assert_non_null(strstr(
		text, "  block 40 of node 1 went offline, 3 remain; SLUB acts when the last\n"
		      "              one goes\n"));
	assert_non_null(
		strstr(text, "  node 1 offline cancelled                                sh[142]\n"));
	assert_non_null(strstr(text, "\n              it had begun before the trace, or its "
				     "beginning was lost\n"));
	assert_non_null(strstr(text, "  node 1 going online                                     "
				     "sh[142]\n              SLUB's callback failed: Cannot "
				     "allocate memory\n"));
	assert_non_null(strstr(text, "  2 events were lost\n"));
	assert_non_null(strstr(text, "\nInconclusive: 2 events were lost"));
}

static void a_leak_is_a_line(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.caches[1].node[1] = 0;
	wait_for_leaks();
	turn();
	end();
	assert_non_null(strstr(text, "  node 1               1 structure leaked, 256 bytes\n"));
}

static void a_finding(void **state __attribute__((unused)))
{
	const char *const frames[] = { "poke_read+0x2e [poke]" };
	const char *const freer_frames[] = { "__kmem_cache_release+0x9" };
	struct record task = { .tgid = 157, .comm = "sh", .cpu = 1 };
	struct record freer = { .time_ns = 1, .tgid = 34, .comm = "rm" };
	struct finding f = {
		.tier = TIER_WATCHPOINT,
		.strength = STRENGTH_CONFIRMED,
		.proof = PROOF_ORDER,
		.count = 1,
		.time_ns = 2000000,
		.freed_ns = 1000000,
		.task = &task,
		.freer = &freer,
		.cache_name = "victim",
		.address = 0xffff888000000040,
		.function = "poke_read",
		.offset = 0x2d,
		.field = "nr_slabs",
		.frames = frames,
		.stack_len = 1,
		.freer_frames = freer_frames,
		.freer_stack_len = 1,
	};

	start(RETAINS);
	view.zero_ns = 0;
	view.ops->finding(&view, &f);
	f.count = 2; /* it is printed once */
	view.ops->finding(&view, &f);
	end();
	assert_non_null(strstr(
		text, "12:40:00.002  node 0 stale access confirmed: victim at 0xffff888000000040\n"
		      "              nr_slabs accessed by poke_read+0x2d: sh[157] on CPU 1 (watchpoint;\n"
		      "              proof: order)\n"
		      "              stack:\n"
		      "                  poke_read+0x2e [poke]\n"
		      "              freed 1.000 ms before by rm[34]:\n"
		      "                  __kmem_cache_release+0x9\n"
		      "\n"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_cycle),
		T(a_cycle_of_a_freeing_kernel),
		T(times),
		T(the_task),
		T(an_offline_that_fails),
		T(an_offline_that_fails_with_many_slabs),
		T(slabs_that_the_kernel_does_not_count),
		T(events),
		T(without_events),
		T(all_caches),
		T(what_is_explained),
		T(a_leak_is_a_line),
		T(a_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
