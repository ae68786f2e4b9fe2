// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verdict: violations, unknown results, and their order. Ledger, evidence and
 * findings are the real ones; fake_kernel.h replaces the kernel.
 */
#include <errno.h>
#include "fake_kernel.h"
#include "output/check.h"
#include "model/verdict.h"

static struct verdict_options options;
static struct verdict_input in;
static struct coverage coverage;
static struct caveats caveats;
static struct caveat_facts facts;
static struct evidence *evidence;
static struct findings *findings;
static struct check_report report;
static struct filter filter;
static struct verdict *const v = &report.verdict;

static void take(void *context, const struct transition *t)
{
	note(context, t);
	evidence_take(evidence, t);
}

static int setup(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	memset(&in, 0, sizeof(in));
	memset(&coverage, 0, sizeof(coverage));
	memset(&facts, 0, sizeof(facts));
	facts.coverage = &coverage;
	facts.walk_complete = true;
	options.min_coverage = 90;
	memset(&report, 0, sizeof(report));
	options.required[TIER_CALL] = options.required[TIER_WINDOW] = true;
	evidence = evidence_new();
	findings = findings_new(NULL);
	return !evidence || !findings;
}

static int teardown(void **state)
{
	evidence_free(evidence);
	findings_free(findings);
	filter_free(&filter);
	memset(&filter, 0, sizeof(filter));
	return halt(state);
}

static struct kcache *start(enum generation g)
{
	const struct ledger_ops ops = { .transition = take };
	struct kcache *c;

	boot_with(g, 2, &ops);
	c = create("dentry");
	create("inode");
	return c;
}

static int judge(void)
{
	in.options = &options;
	in.evidence = evidence;
	in.ledger = k.l;
	in.findings = findings;
	in.coverage = &coverage;
	in.caveats = &caveats;
	facts.trust = ledger_trust(k.l);
	facts.nothing_selected = !ledger_counts_any(ledger_totals(k.l));
	caveats_find(&caveats, &facts);
	verdict_make(v, &in);
	return v->conclusion;
}

static const struct assertion *named(const char *name)
{
	for (unsigned int i = 0; i < v->count; i++)
		if (!strcmp(v->assertions[i].name, name))
			return &v->assertions[i];
	fail_msg("no assertion %s", name);
	return NULL;
}

#define assert_result(name, want) assert_int_equal(named(name)->result, want)

static void run_cycle(enum generation g)
{
	start(g);
	offline(1);
	online(1);
	verify();
}

static void an_access(enum finding_tier tier, enum finding_strength strength, const char *function)
{
	struct record task = { .tgid = 12, .comm = "reader" };
	struct record freer = { .time_ns = 1, .tgid = 34, .comm = "remover" };
	const char *const freer_frames[] = { "__kmem_cache_release+0x9" };
	const __u64 stack[] = { 0xffffffff81000010, 0xffffffff81000020 };
	const char *const frames[] = { "slab_attr_show+0x12", "sysfs_kf_seq_show+0x34" };
	struct finding f = {
		.tier = tier,
		.strength = strength,
		.time_ns = k.now,
		.task = &task,
		.cache_name = "dentry",
		.nid = 1,
		.function = function,
		.stack = stack,
		.frames = frames,
		.stack_len = 2,
		.freer = &freer,
		.freed_ns = k.now - 5,
		.freer_frames = freer_frames,
		.freer_stack_len = 1,
	};

	assert_int_equal(findings_add(findings, &f), 0);
}

static void a_retaining_kernel(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("reuse", RESULT_PASS);
	assert_result("expect-retain", RESULT_PASS);
	assert_result("no-leak", RESULT_PASS);
	assert_string_equal(behaviour_name(&v->behaviour), "retains");
	assert_int_equal(v->behaviour.retained, 2);
	assert_int_equal(v->behaviour.reused, 2);
	assert_int_equal(v->behaviour.peak_structures, 2);
	assert_int_equal(v->behaviour.peak_bytes, 2 * 128);
	assert_string_equal(v->behaviour.removed, "1");
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("expect-free", RESULT_FAIL);
	assert_int_equal(named("expect-free")->examples.count, 2);
	assert_string_equal(named("expect-free")->examples.kept[0].event, "retained");
	assert_int_equal(named("expect-free")->examples.kept[0].nid, 1);
	loses(1); /* it may have been a free */
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("expect-free", RESULT_INCONCLUSIVE);
}

static void a_freeing_kernel(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("reuse", RESULT_SKIP);
	assert_string_equal(behaviour_name(&v->behaviour), "frees");
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("expect-retain", RESULT_FAIL);
	assert_string_equal(named("expect-retain")->examples.kept[0].cause, "offline");
}

static void one_that_does_not_free_on_a_cancelled_online(void **state __attribute__((unused)))
{
	start(FREES);
	offline(1);
	cancel_online(1);
	verify();
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_PASS);
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_int_equal(named("expect-retain")->examples.count, 4);
}

static void a_node_that_stays_away(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	verify();
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("reuse", RESULT_SKIP);
	assert_int_equal(v->behaviour.retained_now, 2);
}

static void one_is_not_reused(void **state __attribute__((unused)))
{
	struct kcache *c = start(RETAINS);

	offline(1);
	c->node[1] = structure_new(); /* another, and what was retained is dropped */
	k.proof = OBJECT_ALLOCATED;
	online(1);
	verify();
	verify();
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("reuse", RESULT_FAIL);
	assert_string_equal(named("reuse")->examples.kept[0].cache, "dentry");
}

static void a_leak(void **state __attribute__((unused)))
{
	struct kcache *c = start(RETAINS);

	verify();
	c->node[1] = 0;
	k.proof = OBJECT_ALLOCATED;
	walk_node(WALK_BEFORE, 1);
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE); /* freed or leaked: not known */
	assert_non_null(strstr(named("recording")->reason, "dropped"));
	wait_for_leaks();
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("no-leak", RESULT_FAIL);
	assert_int_equal(named("no-leak")->examples.count, 1);
	/* And nothing hides it. */
	in.cmd = "cmd";
	in.cmd_exit = 1;
	facts.unattached = "test";
	facts.error = -EIO;
	loses(3);
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
}

static void drop(int nid)
{
	k.caches[0].node[nid] = 0;
}

static void free_and_keep(int nid)
{
	structure_free(k.caches[0].node[nid]);
}

static void free_and_allocate(int nid)
{
	for (int i = 0; i < 2; i++) {
		structure_free(k.caches[i].node[nid]);
		k.caches[i].node[nid] = structure_new();
	}
}

/* The callback drops a pointer, and a work item frees the structure. */
static void a_kernel_that_frees_late(void **state __attribute__((unused)))
{
	struct kcache *c = start(RETAINS);

	offline(1);
	for (int i = 0; i < 2; i++) {
		structure_free(c[i].node[1]);
		c[i].node[1] = 0;
	}
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("expect-retain", RESULT_FAIL);
	assert_int_equal(named("expect-retain")->examples.count, 2);
	assert_string_equal(behaviour_name(&v->behaviour), "frees");
	assert_int_equal(v->behaviour.freed, 2);
	assert_int_equal(v->behaviour.retained, 0);
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("expect-free", RESULT_PASS);
	assert_result("reuse", RESULT_SKIP); /* they were freed, which is what was expected */
}

static void some_are_freed_late(void **state __attribute__((unused)))
{
	struct kcache *c = start(RETAINS);

	offline(1);
	structure_free(c->node[1]);
	c->node[1] = 0;
	verify();
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_string_equal(behaviour_name(&v->behaviour), "frees some and retains some");
	assert_string_equal(named("expect-free")->reason, "1 were retained");
}

static void a_leak_at_an_offline(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	k.proof = OBJECT_UNKNOWN;
	k.between = drop;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	verify();
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_VIOLATED); /* the other one was retained */
	assert_result("no-leak", RESULT_INCONCLUSIVE);
	wait_for_leaks();
	judge();
	assert_result("no-leak", RESULT_FAIL);
	assert_string_equal(behaviour_name(&v->behaviour), "retains some and leaks some");
	assert_string_equal(named("expect-free")->reason, "1 leaked; 1 were retained");
	structure_free(last(T_LEAKED)->t.address);
	verify();
	judge();
	assert_result("no-leak", RESULT_PASS);
	assert_int_equal(named("no-leak")->examples.count, 0);
	assert_string_equal(behaviour_name(&v->behaviour), "frees some and retains some");
}

static void take_back(int nid)
{
	structure_free(k.caches[0].node[nid]);
	k.caches[0].node[nid] = last(T_LEAKED)->t.address;
}

/* The kernel keeps the structure elsewhere while the node is away. */
static void a_leak_that_comes_back(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	k.between = drop;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	wait_for_leaks();
	options.expect = EXPECT_RETAIN;
	judge();
	assert_string_equal(named("expect-retain")->reason, "1 leaked");
	k.between = take_back;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-leak", RESULT_PASS);
	assert_result("expect-retain", RESULT_INCONCLUSIVE); /* freed at the very end? */
	assert_int_equal(named("no-leak")->examples.count, 0);
	assert_string_equal(behaviour_name(&v->behaviour), "retains");
}

static void a_dangling_pointer(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	k.between = free_and_keep;
	callback(NODE_OFFLINE, 1);
	k.between = NULL;
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE); /* no walk has looked at them yet */
	verify();
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("no-dangling", RESULT_FAIL);
	assert_int_equal(named("no-dangling")->examples.count, 1);
	assert_string_equal(named("no-dangling")->examples.kept[0].event, "dangling");
	assert_string_equal(named("expect-retain")->reason, "1 were freed and dangle");
	assert_string_equal(behaviour_name(&v->behaviour), "retains some and leaves some dangling");
	assert_int_equal(v->behaviour.retained, 1);
	assert_int_equal(v->behaviour.dangling, 1);
}

/* It was freed while its node was away, or after that: no walk has looked in between. */
static void one_that_dangles_after_the_return(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	offline(1);
	free_and_keep(1);
	online(1);
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("no-dangling", RESULT_FAIL);
	assert_result("expect-retain", RESULT_INCONCLUSIVE);
}

static void a_structure_that_is_missing(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("complete", RESULT_PASS);
	assert_result("no-dangling", RESULT_PASS);
	k.slab_node[1] = false;
	create("unlucky");
	verify();
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("complete", RESULT_FAIL);
	assert_string_equal(named("complete")->examples.kept[0].cache, "unlucky");
}

static void the_same_address_is_no_reuse(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	k.between = free_and_allocate;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("reuse", RESULT_SKIP);
	assert_non_null(strstr(named("reuse")->reason, "2 have the same address as before"));
	assert_result("expect-retain", RESULT_PASS); /* they were seen while node 1 was away */
	assert_int_equal(v->behaviour.reused, 0);
	assert_non_null(strstr(named("no-access-window")->reason, "cannot be excluded"));
}

static void nobody_looked_while_the_node_was_away(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	callback(NODE_OFFLINE, 1);
	k.between = free_and_allocate;
	callback(NODE_GOING_ONLINE, 1);
	k.between = NULL;
	callback(NODE_ONLINE, 1);
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("expect-retain", RESULT_INCONCLUSIVE);
}

/* A late structure was not retained by the removal: whether it was freed says nothing of that. */
static void a_late_structure_that_nobody_looked_at(void **state __attribute__((unused)))
{
	start(LATE);
	verify();
	callback(NODE_OFFLINE, 1);
	verify();
	create("late");
	callback(NODE_GOING_ONLINE, 1);
	callback(NODE_ONLINE, 1);
	verify();
	options.expect = EXPECT_RETAIN;
	judge();
	assert_result("expect-retain", RESULT_PASS);
}

static void a_state_that_is_never_known(void **state __attribute__((unused)))
{
	start(RETAINS);
	k.state = OBJECT_UNKNOWN;
	offline(1);
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-dangling", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("recording")->reason, "still allocated is not known"));
}

static void counts_that_do_not_agree(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	k.more_in_use = 3;
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_non_null(
		strstr(named("recording")->reason, "7 objects of kmem_cache_node are in use"));
	assert_non_null(strstr(named("recording")->reason, "4 structures are known"));
}

static void objects_that_were_not_counted(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	judge();
	assert_null(strstr(named("recording")->reason, "counted"));
	k.busy = true;
	offline(1);
	judge();
	assert_result("recording", RESULT_PASS);
	assert_non_null(strstr(named("recording")->reason, "were not counted"));
}

static void pointers_that_were_exchanged(void **state __attribute__((unused)))
{
	struct kcache *c;
	__u64 address;

	run_cycle(RETAINS);
	c = k.caches;
	address = c[0].node[1];
	c[0].node[1] = c[1].node[1];
	c[1].node[1] = address;
	verify();
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-leak", RESULT_PASS); /* each structure is named */
	assert_result("no-dangling", RESULT_PASS);
	assert_result("expect-retain", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("recording")->reason, "appeared at another pointer"));
}

static void the_budget(void **state __attribute__((unused)))
{
	run_cycle(LATE);
	options.limited = true;
	options.max_retained = 2 * (128 + 96);
	assert_int_equal(judge(), CONCLUSION_PASS);
	options.max_retained--;
	assert_int_equal(judge(), CONCLUSION_VIOLATED); /* though nothing is retained any more */
	assert_int_equal(v->behaviour.retained_now, 0);
	assert_result("max-retained", RESULT_FAIL);
}

static void what_was_retained_before_counts(void **state __attribute__((unused)))
{
	start(RETAINS);
	offline(1);
	evidence_free(evidence);
	evidence = evidence_new();
	create("late");
	online(1);
	verify();
	options.limited = true;
	options.max_retained = 255;
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_int_equal(v->behaviour.peak_bytes, 256);
}

static void a_cache_takes_its_retained_ones_along(void **state __attribute__((unused)))
{
	struct kcache *c = start(RETAINS);

	offline(1);
	destroy(c);
	online(1);
	verify();
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("reuse", RESULT_PASS);
}

static void idle(void **state __attribute__((unused)))
{
	start(RETAINS);
	verify();
	options.expect = EXPECT_RETAIN;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("removal", RESULT_INCONCLUSIVE);
	assert_result("expect-retain", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("removal")->hint, "--allow-idle"));
	options.allow_idle = true;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("removal", RESULT_SKIP);
	assert_result("expect-retain", RESULT_SKIP);
}

static void each_caveat(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	assert_int_equal(judge(), CONCLUSION_PASS);
	facts.unattached = "none";
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	facts.unattached = NULL;
	facts.walk_complete = false;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	facts.walk_complete = true;
	facts.error = -ENOMEM;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_non_null(strstr(named("recording")->reason, "Cannot allocate memory"));
	facts.error = 0;
	assert_int_equal(judge(), CONCLUSION_PASS);
	loses(1);
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-leak", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("recording")->hint, "--ring-buffer"));
	assert_result("removal", RESULT_PASS);
	/* All caveats at once do not exceed the room for a reason. */
	facts.error = -ENOMEM;
	facts.unattached = "a long reason, a long reason, a long reason, a long reason, "
			   "a long reason, a long reason, a long reason, a long reason";
	facts.walk_complete = false;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
}

static void no_walk_confirmed_it(void **state __attribute__((unused)))
{
	start(RETAINS);
	callback(NODE_OFFLINE, 1);
	online(1);
	assert_int_equal(trust()->verified, 0);
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	verify();
	offline(1);
	online(1);
	verify();
	assert_int_equal(judge(), CONCLUSION_PASS);
}

static void a_disagreement(void **state __attribute__((unused)))
{
	struct kcache *c;

	run_cycle(RETAINS);
	c = create("fat");
	c->node[0] = structure_new(); /* without a record */
	c->seen[0] = c->node[0];
	verify();
	assert_true(trust()->disagreements || trust()->pending);
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
}

static void the_command(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	in.cmd = "cmd";
	assert_int_equal(judge(), CONCLUSION_PASS);
	in.cmd_exit = 7;
	assert_int_equal(judge(), CONCLUSION_CMD_FAILED);
	assert_non_null(strstr(named("command")->reason, "status 7"));
	in.cmd_signal = 9;
	assert_int_equal(judge(), CONCLUSION_CMD_FAILED);
	assert_non_null(strstr(named("command")->reason, "signal 9"));
	facts.unattached = "none";
	assert_int_equal(judge(), CONCLUSION_CMD_FAILED); /* before inconclusive */
	facts.unattached = NULL;
	options.expect = EXPECT_FREE;
	assert_int_equal(judge(), CONCLUSION_VIOLATED); /* behind a violation */
}

static void watched(__u64 percent)
{
	coverage.counters.freed_word_ns = 100;
	coverage.counters.watched_word_ns = percent;
}

static void accesses(void **state __attribute__((unused)))
{
	static const struct allowance allowed[] = { { TIER_CALL, "show_*" } };

	run_cycle(FREES);
	watched(99);
	an_access(TIER_CALL, STRENGTH_CONFIRMED, "show_slab_objects");
	an_access(TIER_CALL, STRENGTH_CONFIRMED, "show_slab_objects");
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("no-access-call", RESULT_FAIL);
	assert_string_equal(named("no-access-call")->reason,
			    "2 stale accesses confirmed: show_slab_objects() by reader");
	assert_int_equal(named("no-access-call")->examples.count, 1); /* of that stack */
	assert_int_equal(named("no-access-call")->examples.kept[0].count, 2);
	assert_int_equal(named("no-access-call")->examples.kept[0].stack_len, 2);
	assert_string_equal(named("no-access-call")->examples.kept[0].frames[1], "sysfs_kf_seq_"
										 "show+0x34");
	options.allowances = allowed;
	options.allowance_count = 1;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_non_null(strstr(named("no-access-call")->reason, "2 ignored"));
	an_access(TIER_WINDOW, STRENGTH_EXPOSURE, "show_slab_objects"); /* of another tier */
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_result("no-access-window", RESULT_FAIL);
}

/* A suspect may be a stale access, so only --allow makes it none. */
static void suspects(void **state __attribute__((unused)))
{
	static const struct allowance allowed[] = { { TIER_WATCHPOINT, "get_any_*" } };

	run_cycle(FREES);
	watched(99);
	assert_int_equal(judge(), CONCLUSION_PASS);
	an_access(TIER_WATCHPOINT, STRENGTH_SUSPECT, "get_any_partial");
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-watchpoint", RESULT_INCONCLUSIVE);
	assert_string_equal(named("no-access-watchpoint")->reason,
			    "1 suspected stale access, not proven: get_any_partial() by reader");
	assert_non_null(strstr(named("no-access-watchpoint")->hint, "--allow watchpoint:"));
	assert_int_equal(named("no-access-watchpoint")->examples.count, 1);
	options.allowances = allowed;
	options.allowance_count = 1;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "1 ignored by --allow"));
	an_access(TIER_WATCHPOINT, STRENGTH_CONFIRMED, "get_node");
	an_access(TIER_WATCHPOINT, STRENGTH_SUSPECT, "get_node_x");
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "1 suspect is not proven"));
	/* The same stack, once more: a row with a confirmed one and a suspect. */
	an_access(TIER_WATCHPOINT, STRENGTH_SUSPECT, "get_node");
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "1 stale access confirmed"));
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "2 suspects are not proven"));
}

/* A tier passes only on the coverage that is asked for. */
static void the_coverage(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-watchpoint", RESULT_SKIP);
	assert_string_equal(named("no-access-watchpoint")->reason,
			    "not required, and not judged (no freed word was watched)");
	coverage.counters.freed_word_ns = 1000;
	coverage.counters.watched_word_ns = 4;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-watchpoint", RESULT_SKIP);
	assert_string_equal(named("no-access-watchpoint")->reason,
			    "not required, and not judged (0.40 % watched)");
	assert_true(named("no-access-watchpoint")->coverage == 0.004);
	options.required[TIER_WATCHPOINT] = true;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-watchpoint", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("no-access-watchpoint")->hint, "--min-coverage"));
	options.min_coverage = 0.4;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "none seen; 0.40 %"));
	coverage.counters.cpus_unwatched = 1;
	coverage.counters.unwatched_ns = 20000000;
	judge();
	assert_non_null(
		strstr(named("no-access-watchpoint")->reason, "1 CPUs did not watch, for 0.020 s"));
	assert_true(named("no-leak")->coverage < 0); /* it is not of a tier */
	coverage.counters.freed_word_ns = 0;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	options.min_coverage = 0;
	assert_int_equal(judge(), CONCLUSION_PASS);
}

/* A structure that was allocated again before a sweep was not compared. */
static void the_coverage_of_the_canary(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	coverage.counters.freed_seen = 127;
	coverage.counters.covered = coverage.counters.compared = 28;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-canary", RESULT_SKIP);
	assert_non_null(strstr(named("no-access-canary")->reason, "22.04 % compared"));
	options.required[TIER_CANARY] = true;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_non_null(strstr(named("no-access-canary")->hint, "--sweep"));
	coverage.counters.covered = coverage.counters.compared = 127;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_non_null(strstr(named("no-access-canary")->reason, "100.00 % of the freed"));
}

/* What a tier lost makes its assertion inconclusive, and no other one. */
static void lost_observations(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	coverage.counters.windows = 568993;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_non_null(strstr(named("recording")->reason, "nothing was lost"));
	assert_non_null(strstr(named("no-access-window")->reason, "568993 calls"));
	coverage.counters.lost_windows = 1;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-call", RESULT_INCONCLUSIVE);
	assert_result("no-access-window", RESULT_INCONCLUSIVE);
	assert_result("no-access-canary", RESULT_PASS);
	assert_result("no-leak", RESULT_PASS);
	assert_result("recording", RESULT_PASS);
	assert_null(strstr(named("recording")->reason, "nothing was lost"));
	assert_non_null(strstr(named("recording")->reason, "1 calls of readers"));
	coverage.counters.lost_windows = 0;
	coverage.counters.skipped_readers = 1;
	options.required[TIER_WINDOW] = false; /* a loss counts all the same */
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-window", RESULT_INCONCLUSIVE);
	coverage.counters.skipped_readers = 0;
	coverage.counters.lost_accesses = 3;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-canary", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("no-access-canary")->reason, "3 accesses"));
	assert_result("no-leak", RESULT_PASS);
}

/* Where nothing was freed, a reader that was not seen did no harm. */
static void losses_without_a_free(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	coverage.counters.lost_windows = 5;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-window", RESULT_PASS);
	assert_null(strstr(named("recording")->reason, "nothing was lost"));
}

/* Structures that were freed with their caches are judged without a removal, too. */
static void freed_without_a_removal(void **state __attribute__((unused)))
{
	destroy(start(RETAINS));
	verify();
	watched(99);
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	options.allow_idle = true;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-watchpoint", RESULT_PASS);
	assert_result("no-leak", RESULT_SKIP);
}

static void set_tier(enum finding_tier tier, enum tier_state tier_state, const char *why)
{
	coverage.tiers[tier].state = tier_state;
	snprintf(coverage.tiers[tier].why, sizeof(coverage.tiers[tier].why), "%s", why);
}

static void tiers_that_are_missing(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	set_tier(TIER_WATCHPOINT, TIER_MISSING, "no debug registers");
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-watchpoint", RESULT_SKIP);
	set_tier(TIER_WINDOW, TIER_MISSING, "no such function");
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-window", RESULT_INCONCLUSIVE);
	an_access(TIER_WINDOW, STRENGTH_CONFIRMED, "f"); /* seen nevertheless */
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
}

static void tiers_that_are_limited(void **state __attribute__((unused)))
{
	run_cycle(FREES);
	watched(99);
	set_tier(TIER_WATCHPOINT, TIER_LIMITED, "nothing can be confirmed");
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-watchpoint", RESULT_SKIP);
	options.required[TIER_WATCHPOINT] = true;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("no-access-watchpoint", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("no-access-watchpoint")->reason, "nothing can be confirmed"));
	assert_non_null(strstr(named("recording")->reason, "nothing was lost"));
}

static void a_tier_is_not_missed_where_nothing_was_freed(void **state __attribute__((unused)))
{
	run_cycle(RETAINS);
	set_tier(TIER_CALL, TIER_MISSING, "no such function");
	set_tier(TIER_WINDOW, TIER_LIMITED, "few nodes");
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("no-access-call", RESULT_PASS);
	assert_result("no-access-window", RESULT_PASS);
}

static void nothing_was_selected(void **state __attribute__((unused)))
{
	const struct ledger_ops ops = { .transition = take, .filter = &filter };

	assert_int_equal(filter_add_cache(&filter, "nope*"), 0);
	boot_with(RETAINS, 2, &ops);
	create("dentry");
	offline(1);
	online(1);
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("recording", RESULT_INCONCLUSIVE);
	assert_result("no-leak", RESULT_INCONCLUSIVE);
	assert_result("no-access-call", RESULT_INCONCLUSIVE);
	assert_non_null(strstr(named("recording")->reason, "no node structure was watched"));
	options.allow_idle = true;
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
}

/* Its cache did not exist yet when the node was away. */
static void nothing_selected_was_removed(void **state __attribute__((unused)))
{
	const struct ledger_ops ops = { .transition = take, .filter = &filter };

	assert_int_equal(filter_add_cache(&filter, "new"), 0);
	boot_with(RETAINS, 2, &ops);
	create("dentry");
	offline(1);
	online(1);
	create("new");
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("removal", RESULT_INCONCLUSIVE);
	assert_result("no-leak", RESULT_INCONCLUSIVE);
	assert_result("recording", RESULT_PASS);
	offline(1);
	assert_int_equal(judge(), CONCLUSION_PASS);
}

/* A node with movable memory alone has no structures up to Linux 6.16. */
static void a_movable_node_was_removed(void **state __attribute__((unused)))
{
	const struct ledger_ops ops = { .transition = take };

	boot_with(RETAINS, 1, &ops);
	create("dentry");
	for (int phase = PHASE_BEGIN; phase <= PHASE_END; phase++)
		node_full(NODE_OFFLINE, phase, -1, 1, 0);
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	assert_result("removal", RESULT_INCONCLUSIVE);
	assert_result("no-leak", RESULT_INCONCLUSIVE);
	assert_result("recording", RESULT_PASS);
	assert_string_equal(named("removal")->reason,
			    "the removed memory (node 1) had no structure that was watched");
	assert_non_null(strstr(named("removal")->hint, "online_kernel"));
	options.allow_idle = true;
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_result("removal", RESULT_SKIP);
	assert_result("no-leak", RESULT_SKIP);
}

static void it_could_not_be_run(void **state __attribute__((unused)))
{
	start(RETAINS);
	verdict_cannot_run(v);
	assert_int_equal(v->conclusion, CONCLUSION_NOT_RUN);
	assert_int_equal(verdict_results(v, RESULT_PASS), 0);
	assert_result("run", RESULT_INCONCLUSIVE);
}

/* The output of the writers. */
static char *written(void (*writer)(FILE *out, const struct check_report *r, int exit_status))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	report.conclusion = report.conclusion ?: "fail";
	writer(out, &report, 1);
	fclose(out);
	return text;
}

/* Write the text of a pass, whose exit status is 0. */
static void check_write_pass(FILE *out, const struct check_report *r, int exit_status)
{
	(void)exit_status;
	check_write_text(out, r, 0);
}

static void names_of_the_kernel_are_escaped(void **state __attribute__((unused)))
{
	char *text;

	start(RETAINS);
	create("<a> & \"b\"\n\033[2J\\ok 1");
	offline(1);
	verify();
	options.expect = EXPECT_FREE;
	judge();
	snprintf(report.kernel, sizeof(report.kernel), "9.9");
	snprintf(report.probes, sizeof(report.probes), "fentry");
	text = written(check_write_junit);
	assert_null(strstr(text, "<a>"));
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "&lt;a&gt; &amp; &quot;b&quot;\\x0a\\x1b[2J"));
	free(text);
	text = written(check_write_tap);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "\\\"b\\\""));
	assert_non_null(strstr(text, "\nnot ok 11 - expect-free"));
	assert_non_null(strstr(text, "\n1..11\n"));
	free(text);
	text = written(check_write_ktap);
	assert_null(strchr(text, '\033'));
	assert_ptr_equal(strstr(text, "KTAP version 1\n1..11\n# "), text);
	assert_non_null(strstr(text, "\nnot ok 11 expect-free\n"));
	assert_non_null(strstr(text, "\n# expect-free: a removal frees the node structures\n#   "));
	assert_null(strstr(text, "---"));
	free(text);
	text = written(check_write_text);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "Verdict: fail (exit status 1)"));
	free(text);
}

/* Count how often a word is in a text. */
static int times_in(const char *text, const char *word)
{
	int count = 0;

	for (; (text = strstr(text, word)); text++)
		count++;
	return count;
}

/* Let the report be that of a run at 2026-11-27 12:40:00.5. */
static void name_the_run(void)
{
	snprintf(report.kernel, sizeof(report.kernel), "9.9");
	snprintf(report.probes, sizeof(report.probes), "fentry");
	snprintf(report.host, sizeof(report.host), "ci-7");
	report.wall_ns = 1795783200500000000;
	report.start_ns = 0;
	report.conclusion = "fail";
}

static void the_failure_in_junit(void **state __attribute__((unused)))
{
	char *text;

	run_cycle(FREES);
	watched(99);
	k.now = 1000000000;
	an_access(TIER_WINDOW, STRENGTH_EXPOSURE, "show_slab_objects");
	assert_int_equal(judge(), CONCLUSION_VIOLATED);
	name_the_run();
	text = written(check_write_junit);
	assert_non_null(strstr(text, "<failure type=\"fail\" message=\"1 reader in flight across a "
				     "free: show_slab_objects() by reader\">"));
	assert_non_null(strstr(text, "\non ci-7, Linux 9.9\n2026-11-27T12:40:01.500Z window "));
	assert_non_null(strstr(text, "\n    slab_attr_show+0x12\n    sysfs_kf_seq_show+0x34\n"));
	assert_non_null(strstr(text, "\n  2026-11-27T12:40:01.499Z freed by remover[34], at "));
	assert_non_null(strstr(text, "\n    __kmem_cache_release+0x9</failure>"));
	free(text);
}

static void the_text_ends_with_what_failed(void **state __attribute__((unused)))
{
	char *text;

	run_cycle(FREES);
	watched(99);
	options.expect = EXPECT_RETAIN;
	judge();
	name_the_run();
	text = written(check_write_text);
	/* The failing assertion is the last, and the last line names it again. */
	assert_true(strstr(text, "\nfail          expect-retain         2 were freed\n") >
		    strstr(text, "\nskip          reuse "));
	assert_non_null(strstr(text,
			       "\n9 passed, 1 failed, 1 skipped\n"
			       "Verdict: fail (exit status 1): expect-retain: 2 were freed\n"));
	assert_int_equal(strlen(strstr(text, "2 were freed\n")) - strlen("2 were freed\n") > 0, 1);
	free(text);
	report.columns = 80;
	text = written(check_write_text);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 80);
	free(text);
}

static void a_common_reason_is_printed_once(void **state __attribute__((unused)))
{
	char *text;

	start(RETAINS);
	verify();
	assert_int_equal(judge(), CONCLUSION_INCONCLUSIVE);
	name_the_run();
	report.conclusion = "inconclusive, which is no pass";
	text = written(check_write_text);
	/* Once for the assertions, and once in the last line. */
	assert_int_equal(times_in(text, "no node lost its memory during the run"), 2);
	assert_int_equal(times_in(text, "hint: remove the memory"), 1);
	assert_non_null(
		strstr(text, "\ninconclusive  removal, no-access-call, no-access-window, "));
	free(text);
}

static void what_would_have_failed(void **state __attribute__((unused)))
{
	char *text;

	run_cycle(FREES);
	watched(99);
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_int_equal(v->unmet, EXPECT_RETAIN);
	name_the_run();
	report.conclusion = "pass";
	text = written(check_write_pass);
	assert_non_null(strstr(text, "\nVerdict: pass; this kernel frees the structures at a "
				     "removal (--expect retain would fail)\n"));
	free(text);
	options.expect = EXPECT_FREE;
	judge();
	assert_int_equal(v->unmet, EXPECT_NOTHING);
	halt(NULL);
	evidence_free(evidence);
	evidence = evidence_new();
	options.expect = EXPECT_NOTHING;
	run_cycle(RETAINS);
	assert_int_equal(judge(), CONCLUSION_PASS);
	assert_int_equal(v->unmet, EXPECT_FREE);
	text = written(check_write_pass);
	assert_non_null(strstr(text, "pass; this kernel retains the structures at a removal "
				     "(--expect free would fail)\n"));
	free(text);
}

static void more_examples_than_are_kept(void **state __attribute__((unused)))
{
	char name[32], *text;

	start(FREES);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "cache-%d", i);
		create(name);
	}
	offline(1);
	verify();
	options.expect = EXPECT_RETAIN;
	judge();
	assert_int_equal(named("expect-retain")->examples.count, 52);
	text = written(check_write_text);
	assert_non_null(strstr(text, "and 44 more"));
	free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_retaining_kernel),
		TEST(a_freeing_kernel),
		TEST(one_that_does_not_free_on_a_cancelled_online),
		TEST(a_node_that_stays_away),
		TEST(one_is_not_reused),
		TEST(a_leak),
		TEST(a_kernel_that_frees_late),
		TEST(some_are_freed_late),
		TEST(a_leak_at_an_offline),
		TEST(a_leak_that_comes_back),
		TEST(a_dangling_pointer),
		TEST(one_that_dangles_after_the_return),
		TEST(a_structure_that_is_missing),
		TEST(the_same_address_is_no_reuse),
		TEST(nobody_looked_while_the_node_was_away),
		TEST(a_late_structure_that_nobody_looked_at),
		TEST(a_state_that_is_never_known),
		TEST(counts_that_do_not_agree),
		TEST(objects_that_were_not_counted),
		TEST(pointers_that_were_exchanged),
		TEST(the_budget),
		TEST(what_was_retained_before_counts),
		TEST(a_cache_takes_its_retained_ones_along),
		TEST(idle),
		TEST(each_caveat),
		TEST(no_walk_confirmed_it),
		TEST(a_disagreement),
		TEST(the_command),
		TEST(accesses),
		TEST(suspects),
		TEST(the_coverage),
		TEST(the_coverage_of_the_canary),
		TEST(lost_observations),
		TEST(losses_without_a_free),
		TEST(freed_without_a_removal),
		TEST(tiers_that_are_missing),
		TEST(tiers_that_are_limited),
		TEST(a_tier_is_not_missed_where_nothing_was_freed),
		TEST(nothing_was_selected),
		TEST(nothing_selected_was_removed),
		TEST(a_movable_node_was_removed),
		TEST(the_failure_in_junit),
		TEST(the_text_ends_with_what_failed),
		TEST(a_common_reason_is_printed_once),
		TEST(what_would_have_failed),
		TEST(it_could_not_be_run),
		TEST(names_of_the_kernel_are_escaped),
		TEST(more_examples_than_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
