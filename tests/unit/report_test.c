// SPDX-License-Identifier: GPL-2.0-only
/* The report of a snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/kmalloc.h"
#include "model/report.h"
#include "model/report_answer.h"
#include "output/report_answer_text.h"

#define SLAB 0xffff888000010000ULL

static struct snapshot_cache caches[8];
static struct snapshot_structure structures[64];
static struct snapshot now;
static struct filter everything;

static unsigned int cache(const char *name, __u32 size)
{
	struct snapshot_cache *c = &caches[now.cache_count];

	*c = (struct snapshot_cache){ .address = 0x1000 + now.cache_count,
				      .size = size,
				      .object_size = size,
				      .slab_bytes = 4096 };
	snprintf(c->name, sizeof(c->name), "%s", name);
	return now.cache_count++;
}

static struct snapshot_structure *structure(unsigned int of, int nid, __u64 address)
{
	struct snapshot_structure *s = &structures[now.structure_count++];

	*s = (struct snapshot_structure){ .address = address, .cache = of, .nid = nid };
	return s;
}

/* Nodes 0 to 2; node 0 has memory. A structure has 60 bytes and occupies 64. */
static int boot(void **state __attribute__((unused)))
{
	memset(&now, 0, sizeof(now));
	now.caches = caches;
	now.structures = structures;
	node_set_parse(&now.possible, "0-2");
	node_set_parse(&now.any_memory, "0,2");
	node_set_parse(&now.memory, "0");
	now.node_bytes = 60;
	now.barn_bytes = 48;
	now.sheaf_bytes = 32;
	cache("kmem_cache_node", 64);
	cache("kmalloc-64", 64);
	cache("kmalloc-rcl-32", 32);
	cache("kmalloc-256", 256);
	return 0;
}

static struct report make(struct report_options o, const struct snapshot *before)
{
	struct report r;

	if (!o.filter)
		o.filter = &everything;
	assert_int_equal(report_make(&r, &now, before, &o), 0);
	return r;
}

static void only_nodes_without_memory(void **state __attribute__((unused)))
{
	struct report r;

	structure(0, 0, SLAB);
	structure(0, 1, SLAB + 64);
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.node_count, 2);
	assert_int_equal(r.nodes[0].nid, 1);
	assert_int_equal(r.nodes[0].counts.structures, 1);
	assert_false(r.nodes[0].movable_only);
	assert_true(r.nodes[1].movable_only);
	assert_int_equal(r.total.structures, 1);
	assert_int_equal(r.total.held, 1);
	assert_int_equal(r.total.late, -1);
	report_free(&r);
	r = make((struct report_options){ .all = true }, NULL);
	assert_int_equal(r.node_count, 3);
	assert_int_equal(r.total.structures, 2);
	assert_int_equal(r.total.held, 1);
	assert_int_equal(r.nodes[0].counts.held, 0);
	report_free(&r);
}

static void bytes_of_structures_barns_and_sheaves(void **state __attribute__((unused)))
{
	struct report r;

	caches[0].sheaf_capacity = 10; /* 32 + 80: kmalloc-256 */
	structure(0, 1, SLAB)->barn = 0xb000;
	structures[0].sheaves = 3;
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.total.requested, 60 + 48 + 3 * 112);
	assert_int_equal(r.total.charged, 64 + 64 + 3 * 256);
	assert_int_equal(r.total.barns, 1);
	assert_int_equal(r.total.sheaves, 3);
	report_free(&r);
}

static void a_slab_is_pinned_by_held_structures_alone(void **state __attribute__((unused)))
{
	struct report r;

	structure(0, 1, SLAB); /* with a live one: not pinned */
	structure(1, 0, SLAB + 64);
	structure(2, 1, SLAB + 4096); /* alone */
	structure(3, 1, SLAB + 4096 + 64);
	structure(1, 1, SLAB + 8192); /* shared by two nodes without memory */
	structure(1, 2, SLAB + 8192 + 64);
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.nodes[0].pinned_pages, 1);
	assert_int_equal(r.nodes[1].pinned_pages, 0);
	assert_int_equal(r.pinned_pages, 2);
	report_free(&r);
}

static void a_barn_without_a_structure(void **state __attribute__((unused)))
{
	struct report r;

	structure(0, 1, 0)->barn = 0xb000;
	structures[0].home = -1;
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.total.structures, 0);
	assert_int_equal(r.total.barns, 1);
	assert_int_equal(r.total.requested, 48);
	assert_int_equal(r.total.charged, 64);
	assert_int_equal(r.nodes[0].unknown_home, 0);
	assert_int_equal(r.pinned_pages, 0);
	report_free(&r);
}

/* Since Linux 7.1 the CPUs of a node without memory use its barns. */
static void barns_in_use(void **state __attribute__((unused)))
{
	struct report r;

	caches[0].sheaf_capacity = 10;
	node_set_parse(&now.barns_used, "0-1");
	structure(0, 1, 0)->barn = 0xb000; /* the node never had memory */
	structures[0].sheaves = 3;
	structure(1, 1, SLAB)->barn = 0xb040;      /* it had, and lost it */
	structure(2, 2, SLAB + 64)->barn = 0xb080; /* it has no CPU */
	structure(0, 0, SLAB + 128)->barn = 0xb0c0;
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.nodes[0].counts.barns, 0);
	assert_int_equal(r.nodes[0].counts.barns_in_use, 2);
	assert_int_equal(r.nodes[0].counts.sheaves, 0);
	assert_int_equal(r.nodes[0].counts.structures, 1);
	assert_int_equal(r.nodes[0].counts.held, 1);
	assert_int_equal(r.nodes[0].counts.charged, 64);
	assert_int_equal(r.nodes[1].counts.barns, 1);
	assert_int_equal(r.nodes[1].counts.barns_in_use, 0);
	assert_int_equal(r.total.charged, 64 + 64 + 64);
	report_free(&r);
	r = make((struct report_options){ .all = true }, NULL);
	assert_int_equal(r.nodes[0].counts.barns, 1); /* of a node with memory: as ever */
	assert_int_equal(r.nodes[0].counts.barns_in_use, 0);
	report_free(&r);
	node_set_parse(&now.barns_used, ""); /* before Linux 7.1, or its CPUs went offline */
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.nodes[0].counts.barns, 2);
	assert_int_equal(r.nodes[0].counts.sheaves, 3);
	report_free(&r);
}

static void missing(void **state __attribute__((unused)))
{
	struct filter f = {};
	struct report r;

	node_set_parse(&now.memory, "0,2");
	structure(0, 0, SLAB); /* of four caches; node 1 has no memory, and nothing is missing */
	structure(1, 0, SLAB + 64);
	structure(2, 0, 0)->barn = 0xb000; /* a barn is no structure */
	for (unsigned int i = 0; i < 4; i++)
		structure(i, 2, SLAB + 128 + 64 * i);
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.missing[0], 2);
	assert_int_equal(r.missing[1], 0);
	assert_int_equal(r.missing[2], 0);
	assert_int_equal(r.missing_total, 2);
	report_free(&r);
	assert_int_equal(filter_add_cache(&f, "kmalloc-256"), 0);
	r = make((struct report_options){ .filter = &f }, NULL);
	assert_int_equal(r.missing_total, 1);
	report_free(&r);
	filter_free(&f);
}

static void slabs_of_two_pages(void **state __attribute__((unused)))
{
	struct report r;

	caches[0].slab_bytes = 8192;
	structure(0, 1, SLAB);
	structure(1, 1, SLAB + 4096);
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.pinned_pages, 2);
	report_free(&r);
}

static void homes(void **state __attribute__((unused)))
{
	struct report r;

	structure(0, 1, SLAB)->home = 2;
	structure(1, 1, SLAB + 64)->home = 0;
	structure(2, 1, SLAB + 128)->home = -1;
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.home_count, 3);
	assert_int_equal(r.nodes[0].homes[0], 1);
	assert_int_equal(r.nodes[0].homes[1], 0);
	assert_int_equal(r.nodes[0].homes[2], 1);
	assert_int_equal(r.nodes[0].unknown_home, 1);
	report_free(&r);
}

static void late_is_what_a_new_cache_has_for_a_node_without_memory(void **state
								   __attribute__((unused)))
{
	struct snapshot_cache old[2];
	struct snapshot_structure then[2];
	struct snapshot before = now;
	struct report r;

	now.late_possible = true;
	old[0] = caches[0];
	old[1] = caches[3];
	before.caches = old;
	before.cache_count = 2;
	structure(0, 1, SLAB);
	memcpy(then, structures, sizeof(then));
	before.structures = then;
	before.structure_count = 1;
	structure(1, 1, SLAB + 64);  /* of a new cache */
	structure(2, 0, SLAB + 128); /* of a new cache, but of a node with memory */
	structure(3, 1, SLAB + 192); /* of an old cache: the node came and went */
	r = make((struct report_options){ .all = true }, &before);
	assert_int_equal(r.total.late, 1);
	assert_int_equal(r.nodes[1].counts.late, 1);
	assert_int_equal(r.caches[0].counts.late + r.caches[1].counts.late +
				 r.caches[2].counts.late + r.caches[3].counts.late,
			 1);
	assert_true(structures[1].late);
	report_free(&r);
	then[1] = structures[1]; /* it stays late in the next report */
	before.structure_count = 2;
	before.caches = caches;
	before.cache_count = 4;
	r = make((struct report_options){}, &before);
	assert_int_equal(r.total.late, 1);
	report_free(&r);
	now.late_possible = false; /* this kernel has none */
	r = make((struct report_options){}, &before);
	assert_int_equal(r.total.late, 0);
	report_free(&r);
	now.late_possible = true;
	node_set_parse(&before.memory, "0-1"); /* the cache may be older than the removal */
	r = make((struct report_options){}, &before);
	assert_int_equal(r.total.late, 0);
	report_free(&r);
}

static void sorted_and_cut(void **state __attribute__((unused)))
{
	struct report r;

	structure(0, 1, SLAB);
	structure(1, 1, SLAB + 64)->barn = 0xb000;
	structure(3, 1, SLAB + 128);
	structure(3, 2, SLAB + 192);
	r = make((struct report_options){ .top = 2, .sort = SORT_CHARGED }, NULL);
	assert_int_equal(r.cache_count, 2);
	assert_int_equal(r.caches_hidden, 1);
	assert_string_equal(r.caches[0].cache->name, "kmalloc-256"); /* 128, as the next, by name */
	assert_string_equal(r.caches[1].cache->name, "kmalloc-64");
	report_free(&r);
	r = make((struct report_options){ .sort = SORT_REQUESTED }, NULL);
	assert_string_equal(r.caches[0].cache->name, "kmalloc-256");
	assert_int_equal(r.cache_count, 3);
	report_free(&r);
	r = make((struct report_options){ .sort = SORT_NAME }, NULL);
	assert_string_equal(r.caches[2].cache->name, "kmem_cache_node");
	report_free(&r);
}

static void filtered(void **state __attribute__((unused)))
{
	struct filter f = {};
	struct report r;

	structure(0, 1, SLAB);
	structure(1, 1, SLAB + 64);
	structure(1, 2, SLAB + 128);
	assert_int_equal(filter_add_nodes(&f, "1"), 0);
	assert_int_equal(filter_add_cache(&f, "kmalloc-*"), 0);
	r = make((struct report_options){ .filter = &f }, NULL);
	assert_int_equal(r.node_count, 1);
	assert_int_equal(r.total.structures, 1);
	assert_int_equal(r.pinned_pages, 0); /* node 2 keeps the slab, too */
	report_free(&r);
	filter_free(&f);
}

static struct cache_slabs slabs[8];

/* Add slabs on node 0, each of 8 KiB; -1: their number is not known. */
static void some_slabs(const char *name, __s64 count, __u64 partial, bool reclaimable)
{
	struct slabs_record e = {
		.cache = 0x1000 + now.slabs.count,
		.slabs = count < 0 ? SLABS_UNKNOWN : (__u64)count,
		.partial = partial,
		.slab_bytes = 8192,
		.reclaimable = reclaimable,
	};
	struct slab_list one = {};

	now.slabs.list = slabs;
	snprintf(e.name, sizeof(e.name), "%s", name);
	assert_int_equal(slab_list_feed(&one, &e), 0);
	slabs[now.slabs.count++] = one.list[0];
	slab_list_free(&one);
}

static enum report_outcome answered(struct report_options o, const char *sentence);

static void slabs_on_a_node_with_memory(void **state __attribute__((unused)))
{
	struct filter f = {};
	struct report_options o = { .filter = &f };
	struct report r;

	for (unsigned int i = 0; i < 4; i++)
		structure(i, 0, SLAB + 64 * i);
	assert_int_equal(filter_add_nodes(&f, "0"), 0);
	node_set_parse(&now.slabs_of, "0");
	now.slabs_counted = true;
	answered(o, "Node 0 has memory; no cache has slabs on it");
	some_slabs("kmalloc-512", 4, 1, false);
	assert_int_equal(
		answered(o,
			 "Node 0 has memory; 1 cache has 4 slabs on it, 32.0 KiB, not reclaimable"),
		REPORT_NOT_SELECTED);
	some_slabs("dentry", 37, 2, true);
	some_slabs("anon_vma", 4, 1, false);
	answered(
		o,
		"Node 0 has memory; 3 caches have 45 slabs on it, 360.0 KiB, of which 296.0 KiB are reclaimable");
	o.top = 2;
	r = make(o, NULL);
	assert_int_equal(r.slabs.count, 3);
	assert_int_equal(r.slabs.shown, 2);
	assert_int_equal(r.slabs.partial, 4);
	assert_string_equal(r.slabs.list[0].name, "dentry");
	assert_string_equal(r.slabs.list[1].name, "anon_vma"); /* as large, by name */
	assert_int_equal(r.slabs.list[0].bytes, 37 * 8192);
	report_free(&r);
	assert_int_equal(filter_add_cache(&f, "dent*"), 0);
	answered(o, "Node 0 has memory; 1 cache has 37 slabs on it, 296.0 KiB, reclaimable");
	filter_free(&f);
}

/* A cache on two nodes is one cache. */
static void slabs_on_two_nodes(void **state __attribute__((unused)))
{
	for (unsigned int i = 0; i < 4; i++) {
		structure(i, 0, SLAB + 64 * i);
		structure(i, 1, SLAB + 4096 + 64 * i);
	}
	node_set_parse(&now.memory, "0-1");
	node_set_parse(&now.possible, "0-1");
	node_set_parse(&now.slabs_of, "0-1");
	now.slabs_counted = true;
	some_slabs("dentry", 1, 0, true);
	some_slabs("dentry", 2, 0, true);
	slabs[1].cache = slabs[0].cache;
	slabs[1].nid = 1;
	assert_int_equal(
		answered(
			(struct report_options){},
			"Nodes 0-1 have memory; 1 cache has 3 slabs on them, 24.0 KiB, reclaimable"),
		REPORT_ALL_MEMORY);
}

static void slabs_that_are_not_counted(void **state __attribute__((unused)))
{
	struct report r;

	for (unsigned int i = 0; i < 4; i++)
		structure(i, 0, SLAB + 64 * i);
	node_set_parse(&now.possible, "0");
	node_set_parse(&now.slabs_of, "0");
	some_slabs("dentry", -1, 2, true);
	answered(
		(struct report_options){},
		"Node 0 has memory; this kernel does not count the slabs on it (CONFIG_SLUB_DEBUG)");
	r = make((struct report_options){}, NULL);
	assert_int_equal(r.slabs.slabs, -1);
	assert_int_equal(r.slabs.bytes, -1);
	assert_int_equal(r.slabs.reclaimable_bytes, -1);
	assert_int_equal(r.slabs.partial, 2);
	assert_int_equal(r.slabs.list[0].slabs, -1);
	report_free(&r);
}

static void kmalloc_buckets(void **state __attribute__((unused)))
{
	struct kmalloc k = {};

	assert_int_equal(kmalloc_charged(&k, 48), 4096);
	kmalloc_learn(&k, "kmalloc-96", 96, 96);
	kmalloc_learn(&k, "kmalloc-64", 64, 64);
	kmalloc_learn(&k, "kmalloc-32", 32, 56); /* with red zones */
	kmalloc_learn(&k, "kmalloc-cg-48", 48, 48);
	kmalloc_learn(&k, "dma-kmalloc-16", 16, 16);
	kmalloc_learn(&k, "kmalloc-8k", 8192, 8192);
	assert_int_equal(kmalloc_charged(&k, 48), 64);
	assert_int_equal(kmalloc_charged(&k, 32), 56);
	assert_int_equal(kmalloc_charged(&k, 65), 96);
	assert_int_equal(kmalloc_charged(&k, 4097), 8192);
	assert_int_equal(kmalloc_charged(&k, 8193), 16384);
	assert_int_equal(kmalloc_charged(&k, 0), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, boot)

static enum report_outcome answered(struct report_options o, const char *sentence)
{
	char text[REPORT_ANSWER_ROOM];
	struct report r = make(o, NULL);
	enum report_outcome kind = r.answer.kind;

	assert_string_equal(report_answer_text(text, &r.answer, false), sentence);
	report_free(&r);
	return kind;
}

static void the_answer(void **state __attribute__((unused)))
{
	struct filter one = {};

	for (unsigned int i = 0; i < 4; i++)
		structure(i, 0, SLAB + 64 * i);
	assert_int_equal(
		answered((struct report_options){},
			 "Nodes 1-2 have no memory that counts, and nothing is held for them"),
		REPORT_NOTHING_HELD);
	structure(0, 1, SLAB + 4096);
	assert_int_equal(
		answered(
			(struct report_options){},
			"Node 1 has no memory; 1 cache holds 1 structure for it, 64 bytes, on node 0"),
		REPORT_HELD);
	for (unsigned int i = 1; i < 4; i++)
		structure(i, 1, SLAB + 4096 + 64 * i);
	structure(0, 2, SLAB + 8192)->home = 2;
	structures[6].barn = 0xb000;
	assert_int_equal(
		answered(
			(struct report_options){ .all = true, .top = 1 },
			"Nodes 1-2 have no memory that counts; 4 caches hold 5 structures for them, 384 bytes, on nodes 0,2"),
		REPORT_HELD);
	structures[6].home = -1;
	assert_int_equal(filter_add_nodes(&one, "1"), 0);
	assert_int_equal(
		answered((struct report_options){ .filter = &one },
			 "Node 1 has no memory; 4 caches hold 4 structures for it, 320 bytes"),
		REPORT_HELD);
	filter_free(&one);
	memset(&one, 0, sizeof(one));
	assert_int_equal(filter_add_nodes(&one, "0"), 0);
	assert_int_equal(answered((struct report_options){ .filter = &one },
				  "No selected node is without memory: nothing is held"),
			 REPORT_NOT_SELECTED);
	filter_free(&one);
	memset(&one, 0, sizeof(one));
	assert_int_equal(filter_add_nodes(&one, "2"), 0);
	structures[6].home = structures[8].home = 0;
	assert_int_equal(
		answered(
			(struct report_options){ .filter = &one },
			"Node 2 has only movable memory; 1 cache holds 1 structure for it, 64 bytes, on node 0"),
		REPORT_HELD);
	filter_free(&one);
	structures[8].address = 0; /* a barn alone */
	structures[8].barn = 0xc000;
	assert_int_equal(
		answered(
			(struct report_options){ .filter = &everything },
			"Nodes 1-2 have no memory that counts; 4 caches hold 4 structures for them, 384 bytes, on node 0"),
		REPORT_HELD);
	now.structure_count = 4;
	structures[4] = structures[8];
	now.structure_count = 5;
	structures[4].nid = 1;
	assert_int_equal(answered((struct report_options){},
				  "Node 1 has no memory; 1 barn is held for it, 64 bytes"),
			 REPORT_HELD);
	now.structure_count = 4;
	node_set_parse(&now.possible, "0-1");
	assert_int_equal(answered((struct report_options){},
				  "Node 1 has no memory, and nothing is held for it"),
			 REPORT_NOTHING_HELD);
	node_set_parse(&now.possible, "0-2");
	structure(0, 1, SLAB + 4096);
	structure(0, 2, SLAB + 8192);
	node_set_parse(&now.memory, "0-2");
	assert_int_equal(answered((struct report_options){},
				  "Nodes 1-2 have memory, and 6 structures are missing for them"),
			 REPORT_MISSING);
	node_set_parse(&now.possible, "0");
	node_set_parse(&now.memory, "0");
	now.structure_count = 4;
	assert_int_equal(
		answered((struct report_options){}, "Every node has memory: nothing is held"),
		REPORT_ALL_MEMORY);
}

/* A set of nodes has a byte for each: 256 structures that are missing are not 0. */
static void many_are_missing(void **state __attribute__((unused)))
{
	static struct snapshot snapshot;
	static struct report r = { .snapshot = &snapshot, .missing[3] = 256, .missing_total = 256 };
	struct report_answer a;

	report_answer_make(&a, &r);
	assert_int_equal(a.kind, REPORT_MISSING);
	assert_string_equal(a.missing, "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_answer),
		cmocka_unit_test(many_are_missing),
		TEST(slabs_on_a_node_with_memory),
		TEST(slabs_on_two_nodes),
		TEST(slabs_that_are_not_counted),
		TEST(only_nodes_without_memory),
		TEST(bytes_of_structures_barns_and_sheaves),
		TEST(a_slab_is_pinned_by_held_structures_alone),
		TEST(a_barn_without_a_structure),
		TEST(barns_in_use),
		TEST(missing),
		TEST(slabs_of_two_pages),
		TEST(homes),
		TEST(late_is_what_a_new_cache_has_for_a_node_without_memory),
		TEST(sorted_and_cut),
		TEST(filtered),
		TEST(kmalloc_buckets),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
