// SPDX-License-Identifier: GPL-2.0-only
/*
 * The view for Perfetto. Each test writes the same run as JSON Lines, too, and leaves both files in
 * the directory PERFETTO_DIR, if it is set: tests/cli/perfetto.sh compares what Perfetto's own
 * trace processor reads with the JSON.
 */
#include "fake_model.h"
#include "base/protobuf.h"
#include "output/trace_view.h"

static struct view views[2];
static char *texts[2];
static size_t lens[2];

static void on_session(void *context, const struct session_record *r)
{
	(void)context;
	for (int i = 0; i < 2; i++) {
		views[i].zero_ns = r->head.time_ns;
		views[i].wall_ns = r->wall_ns;
	}
}

static void on_transition(void *context, const struct transition *t)
{
	(void)context;
	for (int i = 0; i < 2; i++)
		views[i].ops->transition(&views[i], t);
}

static void on_change(void *context, const struct node_change *c)
{
	(void)context;
	views[0].ops->change(&views[0], c);
}

static void on_finding(void *context, const struct finding *f)
{
	(void)context;
	for (int i = 0; i < 2; i++)
		views[i].ops->finding(&views[i], f);
}

static void on_lost(void *context, const struct lost_record *r)
{
	(void)context;
	for (int i = 0; i < 2; i++)
		views[i].ops->lost(&views[i], r->dropped + r->skipped, r->head.time_ns);
}

static int setup(void **state)
{
	static const struct view_ops *const ops[] = { &view_perfetto, &view_json };

	model_setup(state);
	observer = (struct model_observer){ .session = on_session,
					    .transition = on_transition,
					    .change = on_change,
					    .finding = on_finding,
					    .lost = on_lost };
	session.wall_ns = 1795783200000000000;
	session.boot_ns = 86400000000000;
	for (int i = 0; i < 2; i++) {
		views[i] = (struct view){ .ops = ops[i] };
		views[i].out = open_memstream(&texts[i], &lens[i]);
		assert_non_null(views[i].out);
	}
	return view_perfetto.open(&views[0]);
}

static int teardown(void **state)
{
	view_perfetto.close(&views[0]);
	for (int i = 0; i < 2; i++)
		free(texts[i]);
	return model_teardown(state);
}

/* Begin a trace of a kernel with three caches. */
static void start(enum generation g)
{
	struct facts facts;

	k.now = 1000000;
	begin(g, 3);
	k.comm = "sh";
	k.now = session.head.time_ns + 1000000;
	node_found(2, false);
	k.has_memory[2] = false;
	for (int nid = 0; nid < 2; nid++)
		k.slab_node[nid] = true;
	cache_make("kmem_cache_node");
	cache_make("dentry");
	cache_make("inode");
	first_look();
	model_facts(m, &facts);
	for (int i = 0; i < 2; i++) {
		views[i].model = m;
		views[i].ops->start(&views[i], &facts);
	}
}

static void leave_files(const char *name)
{
	static const char *const types[] = { "pftrace", "jsonl" };
	const char *dir = getenv("PERFETTO_DIR");

	for (int i = 0; dir && name && i < 2; i++) {
		char path[512];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s.%s", dir, name, types[i]);
		file = fopen(path, "we");
		assert_non_null(file);
		assert_int_equal(fwrite(texts[i], 1, lens[i], file), lens[i]);
		assert_int_equal(fclose(file), 0);
	}
}

/* End it. Returns the number of packets; all of them are whole. */
static unsigned int end(const char *name)
{
	unsigned int packets = 0;

	finish();
	for (int i = 0; i < 2; i++) {
		views[i].ops->summary(&views[i], m, k.now);
		fclose(views[i].out);
	}
	for (size_t at = 0, len; at < lens[0]; at += len, packets++) {
		len = protobuf_field_len(texts[0] + at, lens[0] - at);
		assert_true(len > 0);
	}
	leave_files(name);
	return packets;
}

static bool has(const char *text)
{
	return memmem(texts[0], lens[0], text, strlen(text));
}

static void a_cycle(void **state __attribute__((unused)))
{
	unsigned int packets;

	start(RETAINS);
	offline(1);
	k.now += 5000000;
	online(1);
	packets = end("cycle");
	/* Each structure is retained and reused: a slice that ends, and one that begins. */
	assert_true(packets > 2 * 2 * 3);
	assert_true(has("node 1") && has("dentry") && has("held bytes"));
	assert_true(has("Nothing unsafe was seen. This kernel kept all 3 structures of node 1"));
}

static void a_freeing_kernel(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	k.now += 5000000;
	online(1);
	cancel_offline(1);
	callback(NODE_GOING_ONLINE, 2);
	callback(NODE_ONLINE, 2);
	end("frees");
	assert_true(has("freed") && has("allocated") && has("cancel-offline") && has("node 2"));
}

static void caches(void **state __attribute__((unused)))
{
	struct kcache *c;

	start(RETAINS);
	c = create("fat");
	k.now += 1000000;
	offline(1);
	destroy(c);
	/* The same address, and a name that is not UTF-8. */
	k.nr_caches--;
	k.now += 1000000;
	destroy(create("th\xffin\n"));
	destroy(create("caf\xc3\xa9"));
	end("caches");
	assert_true(has("th\\xffin\\x0a") && has("caf\xc3\xa9"));
}

static void an_offline_fails(void)
{
	const struct record task = { .tgid = 9, .tid = 9, .comm = "sh", .cpu = 1 };
	const struct offline_failure f = {
		.nid = 1,
		.error = -EBUSY,
		.count = 2,
		.time_ns = k.now,
		.first_block = 40,
		.last_block = 41,
		.task = &task,
	};

	for (int i = 0; i < 2; i++)
		views[i].ops->offline_failed(&views[i], &f);
}

/* Without a view of the past: losses, a leak, structures that are missing or late. */
static void what_goes_wrong(void **state __attribute__((unused)))
{
	start(LATE);
	k.caches[1].node[1] = 0;
	k.caches[2].node[1] = structure_new(); /* in place of another, which leaks */
	wait_for_leaks();
	verify(); /* two walks find both */
	turn();
	an_offline_fails();
	loses(2);
	offline(1);
	create("late");
	verify();
	turn();
	callback(NODE_OFFLINE, 0);
	k.ret = 0x8000 | (1 + ENOMEM);
	callback(NODE_GOING_ONLINE, 1);
	k.ret = 0;
	callback(NODE_CANCEL_ONLINE, 1);
	end("wrong");
	assert_true(has("leaked") && has("missing") && has("late") && has("events lost") &&
		    has("inconclusive"));
}

#define FRAMES FINDING_FRAMES

static char long_frames[FRAMES][208];
static const char *frames[FRAMES];

/* Fill in what all findings have, with the longest stack that there can be. */
static struct finding finding(enum finding_tier tier, enum finding_strength strength)
{
	static const char *const freer_frames[] = { "kmem_cache_free+0x2c",
						    "slab_memory_callback+0x1f",
						    "ksys_write+0x63" };
	static const struct record task = {
		.time_ns = 1, .tgid = 157, .tid = 158, .comm = "cat", .cpu = 1
	};
	static const struct record freer = { .time_ns = 1, .tgid = 34, .tid = 34, .comm = "rm" };

	for (unsigned int i = 0; i < FRAMES; i++) {
		/* All but the first are as long as they can be. */
		snprintf(long_frames[i], sizeof(long_frames[i]), "function_%u+0x%x [%0*u]", i, i,
			 i ? 300 : 1, 0U);
		frames[i] = long_frames[i];
	}
	return (struct finding){
		.tier = tier,
		.strength = strength,
		.proof = PROOF_ORDER,
		.count = 1,
		.time_ns = k.now,
		.freed_ns = k.now - 1000,
		.task = tier == TIER_CANARY ? NULL : &task,
		.freer = &freer,
		.cache_name = "victim",
		.cache = 0xffff888000100000,
		.nid = 1,
		.address = 0xffff888000000040,
		.function = "show_slab_objects",
		.frames = frames,
		.stack_len = tier == TIER_CANARY ? 0 : FRAMES,
		.freer_frames = freer_frames,
		.freer_stack_len = 3,
	};
}

static void report(struct finding f)
{
	on_finding(NULL, &f);
}

/* Two windows of one task: one in the other, and one behind. */
static void windows(void)
{
	struct finding f = finding(TIER_WINDOW, STRENGTH_EXPOSURE);

	f.entered_ns = k.now - 5000;
	f.freed_ns = k.now - 3000;
	f.time_ns = k.now - 2000;
	report(f);
	f.entered_ns = k.now - 9000;
	f.time_ns = k.now;
	f.stack_len = 2;
	report(f);
	f.entered_ns = f.freed_ns = k.now;
	f.time_ns = k.now + 7000;
	f.freer = NULL;
	f.freer_stack_len = 0;
	report(f);
}

static void a_watchpoint(void)
{
	static const struct access_registers registers = { .ip = 0xffffffff81000010, .r15 = ~0ULL };
	struct finding f = finding(TIER_WATCHPOINT, STRENGTH_CONFIRMED);

	f.function = "poke_read";
	f.source = "poke.c:42";
	f.module = "poke";
	f.offset = 0x2d;
	f.ip = registers.ip;
	f.field = "nr_slabs";
	f.word = f.address + 32;
	f.registers = &registers;
	report(f);
	f.count = 2;
	report(f);
}

static void a_canary(void)
{
	static const __u64 old[KNODE_WORDS] = { 1, 2, 3 }, new[KNODE_WORDS] = { 1, ~0ULL, 4 };
	static const char *const fields[KNODE_WORDS] = { "list_lock", "nr_partial", "partial" };
	struct finding f = finding(TIER_CANARY, STRENGTH_CONFIRMED);

	f.function = "";
	f.old_words = old;
	f.new_words = new;
	f.word_fields = fields;
	f.words = 3;
	f.field = "nr_partial";
	report(f);
}

static void findings(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	k.now += 1000000;
	windows();
	report(finding(TIER_CALL, STRENGTH_SUSPECT));
	a_watchpoint();
	a_canary();
	k.now += 1000000;
	end("findings");
	assert_true(has("exposure: show_slab_objects") && has("confirmed: poke_read"));
	assert_true(has("cat[158]") && has("canary") && has("function_23+0x17 [000"));
	assert_true(has("kmem_cache_free+0x2c"));
}

static void a_value_that_is_too_long(void **state __attribute__((unused)))
{
	static char source[40000];
	static const struct access_registers registers = { .ip = 0xffffffff81000010 };
	struct finding f;

	memset(source, 's', sizeof(source) - 1);
	start(FREES);
	f = finding(TIER_WATCHPOINT, STRENGTH_CONFIRMED);
	f.source = source;
	f.field = "the field behind it";
	f.registers = &registers;
	report(f);
	end(NULL);
	assert_true(has("confirmed: show_slab_objects") && has("the field behind it"));
	assert_true(has("r15") && !has("ssss"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_cycle),         T(a_freeing_kernel), T(caches),
		T(what_goes_wrong), T(findings),         T(a_value_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
