// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings: what is written is read again, and a file that is cut, damaged or made up is an
 * answer or a refusal. FUZZ in the environment is the number of mutations.
 */
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include "fake_model.h"
#include "recording/writer.h"
#include "recording/recording.h"
#include "replayed.h"

#define ROOM      (4 << 20)
#define MUTATIONS 3000

static struct recording_writer *writer;
static char name[] = "/tmp/slubnode-recording.XXXXXX";
static FILE *silence;

/* A file in memory. */
struct bytes {
	unsigned char *at;
	size_t len;
};

static struct bytes original, changed, plain;
static int memory; /* the file that is played */
static char memory_name[32];

static int into_recording(const struct record *e, size_t len)
{
	recording_writer_record(writer, record_check(e, len));
	return into_model(e, len);
}

/* Accesses of each kind to a freed structure. */
static void feed_accesses(void)
{
	const struct freed freed = { .address = 0xffff888000012340,
				     .freed_ns = tick(),
				     .cache = 0xffff888000001000,
				     .nid = 1,
				     .comm = "sh",
				     .name = "victim" };
	struct freed_record present = { .freed = freed, .present = 1 };
	struct symbol_record symbol = { .address = 0xffffffff81000010,
					.offset = 16,
					.flags = SYMBOL_KNOWN,
					.function = "show_slab_objects" };
	struct freer_record freer = { .begin_ns = 1, .freed = 1, .stack_len = 1 };
	struct canary_record canary = { .freed = freed, .words = 8, .new_words = { [3] = 1 } };

	freer.stack[0] = symbol.address;
	feed(&present.head, RECORD_FREED, sizeof(present));
	feed(&freer.head, RECORD_FREER, sizeof(freer));
	feed(&symbol.head, RECORD_SYMBOL, sizeof(symbol));
	for (__u32 how = ACCESS_CALL; how <= ACCESS_WATCHPOINT; how++) {
		struct access_record access = { .freed = freed,
						.how = how,
						.reader = READER_OBJECTS,
						.word = freed.address,
						.stack_len = 1 };

		access.stack[0] = symbol.address;
		feed(&access.head, RECORD_ACCESS, sizeof(access));
	}
	feed(&canary.head, RECORD_CANARY, sizeof(canary));
}

/* Memory that does not go offline, and the slabs of its node. */
static void feed_offline(void)
{
	struct offline_record offline = { .block = 40, .nid = 1, .ret = -16 };
	struct walk_record walk = { .walk = 7, .reason = WALK_SLABS, .nid = 1, .complete = 1 };
	struct slabs_record slabs = { .walk = 7,
				      .cache = 0xffff888000001000,
				      .slabs = 37,
				      .nid = 1,
				      .slab_bytes = 8192,
				      .name = "dentry" };

	feed(&offline.head, RECORD_OFFLINE, sizeof(offline));
	feed(&walk.head, RECORD_WALK, sizeof(walk));
	feed(&slabs.head, RECORD_SLABS, sizeof(slabs));
	walk.phase = PHASE_END;
	walk.head.time_ns = 0;
	feed(&walk.head, RECORD_WALK, sizeof(walk));
}

/* Record a run: a removal, a return, a leak, accesses, and an offline that fails. */
static void make_recording(__u64 limit)
{
	const struct recording_run run = { .cmd_started = 1, .cmd_ended = 1 };
	const struct recording_head head = {
		.tool = "0",
		.command = "trace",
		.kernel = "6.12.0",
		.cmd = "sleep\n=",
		.monotonic_ns = ~0ULL,
		.node_bytes = 64,
		.option_count = 2,
		.options = { "--node=1", "--expect=retain" },
	};

	assert_int_equal(recording_writer_open(&writer, name, limit), 0);
	assert_int_equal(recording_writer_begin(writer, &head), 0);
	begin(RETAINS, 2);
	fake_feed = into_recording;
	/* begin() has fed it already. */
	recording_writer_record(writer, &session.head);
	for (int nid = 0; nid < 2; nid++)
		k.slab_node[nid] = true;
	cache_make("kmem_cache_node");
	cache_make("dentry");
	first_look();
	recording_writer_start(writer);
	offline(1);
	turn();
	online(1);
	destroy(create("victim"));
	feed_accesses();
	feed_offline();
	loses(2);
	turn();
	finish();
	recording_writer_run(writer, &run);
	assert_int_equal(recording_writer_close(writer), 0);
}

static void read_file(struct bytes *b)
{
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	b->len = fread(b->at, 1, ROOM, f);
	fclose(f);
}

static void fill_memory(const void *bytes, size_t len)
{
	assert_int_equal(ftruncate(memory, 0), 0);
	assert_int_equal(pwrite(memory, bytes, len, 0), len);
}

static void play(struct replayed *x, const void *bytes, size_t len)
{
	fill_memory(bytes, len);
	replay_all(x, memory_name);
}

static int setup(void **state)
{
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	close(fd);
	setenv("TZ", "UTC", 1);
	original.at = malloc(ROOM);
	changed.at = malloc(ROOM);
	plain.at = malloc(ROOM);
	memory = memfd_create("recording", 0);
	snprintf(memory_name, sizeof(memory_name), "/proc/self/fd/%d", memory);
	silence = fopen("/dev/null", "w");
	msg_set_stream(silence);
	model_setup(state);
	make_recording(0);
	read_file(&original);
	return 0;
}

static int teardown(void **state)
{
	unlink(name);
	free(original.at);
	free(changed.at);
	free(plain.at);
	close(memory);
	msg_set_stream(NULL);
	fclose(silence);
	return model_teardown(state);
}

/* --- a file that is whole --- */

static void the_head(void **state __attribute__((unused)))
{
	struct recording *r;

	fill_memory(original.at, original.len);
	lseek(memory, 0, SEEK_SET);
	assert_int_equal(recording_open(&r, memory), 0);
	assert_string_equal(recording_head(r)->kernel, "6.12.0");
	assert_string_equal(recording_head(r)->cmd, "sleep=");
	assert_true(recording_head(r)->monotonic_ns == ~0ULL);
	assert_int_equal(recording_head(r)->node_bytes, 64);
	assert_int_equal(recording_head(r)->option_count, 2);
	assert_string_equal(recording_head(r)->options[1], "--expect=retain");
	assert_false(recording_is_partial(r));
	recording_close(r);
}

/* The ledger of a replay is the one that the records made at first. */
static void a_replay(void **state __attribute__((unused)))
{
	struct replayed x;

	play(&x, original.at, original.len);
	assert_int_equal(x.refused, 0);
	assert_true(x.whole);
	assert_non_null(strstr(x.text, "node 1 offline"));
	assert_non_null(strstr(x.text, "2 events were lost"));
	assert_non_null(strstr(x.text, "node 1 stale access confirmed: victim"));
	assert_non_null(strstr(x.text, "node 1 reader in flight across a free: victim"));
	assert_non_null(strstr(x.text, "block 40 stays online (EBUSY)"));
	assert_non_null(strstr(x.json, "\"type\":\"verdict\""));
	assert_non_null(strstr(x.text, "the command succeeds"));
	assert_true(x.outcome.end_ns && x.outcome.end_ns <= k.now);
	replayed_free(&x);
}

static void a_newer_version(void **state __attribute__((unused)))
{
	struct recording *r;

	memcpy(changed.at, original.at, original.len);
	((struct recording_mark *)changed.at)->major++;
	fill_memory(changed.at, original.len);
	lseek(memory, 0, SEEK_SET);
	assert_int_equal(recording_open(&r, memory), -EINVAL);
	assert_non_null(strstr(recording_why(r), "version 2.0"));
	assert_non_null(strstr(recording_why(r), "newer"));
	recording_close(r);
}

/* --- a ring --- */

static __u64 random_state = 88172645463325252ULL;

static __u64 random_below(__u64 n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

#define RING 65536U

/* Add records that do not compress well, numbered by their time. */
static void add_noise(__u64 *number)
{
	struct symbol_record r = { .head.type = RECORD_SYMBOL };

	for (int i = 0; i < 100; i++) {
		r.head.time_ns = ++*number;
		for (size_t at = 0; at + 1 < sizeof(r.source); at++)
			r.source[at] = (char)('!' + random_below(90));
		recording_writer_record(writer, &r.head);
	}
}

/* Add the state, which here is the number of the last record. */
static void add_state(__u64 number)
{
	struct session_record s = { .head = { .type = RECORD_SESSION, .time_ns = number } };

	recording_writer_state_begin(writer);
	recording_writer_record(writer, &s.head);
	recording_writer_start(writer);
	recording_writer_state_end(writer);
}

/* Read a ring: the state, and then each record up to the last. Returns how many these are. */
static __u64 read_ring(__u64 number)
{
	struct recording_entry e;
	struct recording *r;
	__u64 first, at;
	int more;

	read_file(&changed);
	fill_memory(changed.at, changed.len);
	lseek(memory, 0, SEEK_SET);
	assert_int_equal(recording_open(&r, memory), 0);
	assert_int_equal(recording_next(r, &e), 1);
	assert_true(recording_is_partial(r));
	assert_int_equal(e.record->type, RECORD_SESSION);
	first = at = e.record->time_ns;
	assert_int_equal(recording_next(r, &e), 1);
	assert_int_equal(e.kind, ENTRY_START);
	while ((more = recording_next(r, &e)) > 0 && e.kind == ENTRY_RECORD)
		assert_int_equal(e.record->time_ns, ++at);
	assert_int_equal(more, 1);
	assert_int_equal(e.kind, ENTRY_RUN);
	assert_int_equal(recording_next(r, &e), 0);
	assert_int_equal(at, number);
	recording_close(r);
	return number - first;
}

static void a_ring(void **state __attribute__((unused)))
{
	const struct recording_run run = {};
	const struct recording_head head = {};
	__u64 number = 0;

	assert_int_equal(recording_writer_open(&writer, name, RING), 0);
	assert_int_equal(recording_writer_begin(writer, &head), 0);
	for (int segment = 0; segment < 4; segment++) {
		for (int i = 0; i < 200 && !recording_writer_wants_state(writer); i++) {
			add_noise(&number);
			usleep(50000);
		}
		assert_true(recording_writer_wants_state(writer));
		add_state(number);
		assert_false(recording_writer_wants_state(writer));
	}
	add_noise(&number);
	recording_writer_run(writer, &run);
	assert_int_equal(recording_writer_close(writer), 0);
	assert_true(read_ring(number) < number);
}

/* A state is no reason for the next one, however large it is. */
static void a_large_state(void **state __attribute__((unused)))
{
	const struct recording_head head = {};
	__u64 number = 0;

	assert_int_equal(recording_writer_open(&writer, name, RING), 0);
	assert_int_equal(recording_writer_begin(writer, &head), 0);
	recording_writer_state_begin(writer);
	for (int i = 0; i < 5; i++)
		add_noise(&number);
	recording_writer_start(writer);
	recording_writer_state_end(writer);
	for (int i = 0; i < 20; i++) {
		usleep(100000);
		assert_false(recording_writer_wants_state(writer));
	}
	assert_int_equal(recording_writer_close(writer), 0);
	read_file(&changed);
	assert_true(changed.len > RING / 2);
}

/* --- a file that is not --- */

static void each_prefix(void **state __attribute__((unused)))
{
	struct replayed x;

	for (size_t len = 0; len < original.len; len++) {
		play(&x, original.at, len);
		if (x.refused)
			assert_int_equal(x.refused, EXIT_USAGE);
		else
			assert_true(!x.whole &&
				    x.verdict.conclusion == (x.outcome.found
								     ? CONCLUSION_VIOLATED
								     : CONCLUSION_INCONCLUSIVE));
		replayed_free(&x);
	}
}

static void bytes_after_the_end(void **state __attribute__((unused)))
{
	struct replayed x;

	memcpy(changed.at, original.at, original.len);
	memcpy(changed.at + original.len, original.at, original.len);
	play(&x, changed.at, 2 * original.len);
	assert_false(x.whole);
	replayed_free(&x);
	play(&x, changed.at, original.len + 1);
	assert_false(x.whole);
	replayed_free(&x);
}

/* Split a file into frames. Returns their number; `at' has one more element. */
static unsigned int find_frames(const struct bytes *b, size_t at[], unsigned int room)
{
	unsigned int count = 0;

	at[0] = sizeof(struct recording_mark);
	while (at[count] < b->len && count + 1 < room) {
		size_t len = ZSTD_findFrameCompressedSize(b->at + at[count], b->len - at[count]);

		assert_false(ZSTD_isError(len));
		at[count + 1] = at[count] + len;
		count++;
	}
	assert_int_equal(at[count], b->len);
	return count;
}

/* Put a file together without a frame, or with one twice. */
static void each_frame_missing_or_twice(void **state __attribute__((unused)))
{
	size_t at[64];
	unsigned int frames = find_frames(&original, at, 64);
	struct replayed x;

	assert_true(frames >= 3);
	for (unsigned int i = 0; i < 2 * frames; i++) {
		size_t from = at[i / 2], to = at[i / 2 + 1];
		size_t head = i % 2 ? from : to;

		memcpy(changed.at, original.at, head);
		changed.len = i % 2 ? from : to;
		memcpy(changed.at + changed.len, original.at + (i % 2 ? to : from),
		       original.len - (i % 2 ? to : from));
		changed.len += original.len - (i % 2 ? to : from);
		play(&x, changed.at, changed.len);
		assert_true(x.refused || !x.whole);
		replayed_free(&x);
	}
}

/* Change some bytes: bits, whole bytes, words, or parts that are moved. */
static void mutate(unsigned char *at, size_t len)
{
	static const __u64 words[] = { 0, 1, ~0ULL, 1ULL << 63, 1ULL << 31, 0xffffffff, 1024 };

	for (__u64 n = 1 + random_below(4); n; n--) {
		size_t to = random_below(len), more = len - to;
		__u64 word = words[random_below(sizeof(words) / sizeof(*words))];

		switch (random_below(4)) {
		case 0: at[to] ^= 1U << random_below(8); break;
		case 1: at[to] = (unsigned char)random_below(256); break;
		case 2: memcpy(at + to, &word, more < 8 ? more : 1 + random_below(8)); break;
		case 3:
			more = 1 + random_below(more < 64 ? more : 64);
			memmove(at + to, at + random_below(len - more + 1), more);
			break;
		}
	}
}

/* Mutate the contents of the frames, and compress them again: their checksums are right. */
static void mutate_contents(void)
{
	size_t at[64], len;
	unsigned int frames = find_frames(&original, at, 64);
	unsigned int victim = (unsigned int)random_below(frames);
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	memcpy(changed.at, original.at, at[victim]);
	len = ZSTD_decompress(plain.at, ROOM, original.at + at[victim],
			      at[victim + 1] - at[victim]);
	assert_false(ZSTD_isError(len));
	/* Two thirds leave the frame's head alone, and go deeper. */
	if (random_below(3) && len > sizeof(struct frame_head))
		mutate(plain.at + sizeof(struct frame_head), len - sizeof(struct frame_head));
	else
		mutate(plain.at, len);
	changed.len = at[victim];
	len = ZSTD_compress2(zstd, changed.at + changed.len, ROOM - changed.len, plain.at, len);
	assert_false(ZSTD_isError(len));
	changed.len += len;
	memcpy(changed.at + changed.len, original.at + at[victim + 1],
	       original.len - at[victim + 1]);
	changed.len += original.len - at[victim + 1];
	ZSTD_freeCCtx(zstd);
}

/*
 * Half of the mutations leave the checksums wrong: a file that is whole all the same has the same
 * content. The others are another recording.
 */
static void mutations(void **state __attribute__((unused)))
{
	const char *wanted = getenv("FUZZ");
	unsigned long count = wanted ? strtoul(wanted, NULL, 10) : MUTATIONS, whole = 0,
		      refused = 0;
	struct replayed before, x;

	play(&before, original.at, original.len);
	for (unsigned long i = 0; i < count; i++) {
		bool raw = i % 2;

		if (raw) {
			memcpy(changed.at, original.at, original.len);
			changed.len = original.len;
			mutate(changed.at, changed.len);
		} else {
			mutate_contents();
		}
		play(&x, changed.at, changed.len);
		whole += x.whole;
		refused += x.refused != 0;
		if (raw && !x.refused && x.whole)
			assert_true(!strcmp(x.text, before.text) && !strcmp(x.json, before.json));
		replayed_free(&x);
	}
	print_message("# %lu mutations: %lu refused, %lu whole\n", count, refused, whole);
	replayed_free(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head),
		cmocka_unit_test(a_replay),
		cmocka_unit_test(a_newer_version),
		cmocka_unit_test(a_ring),
		cmocka_unit_test(a_large_state),
		cmocka_unit_test(each_prefix),
		cmocka_unit_test(bytes_after_the_end),
		cmocka_unit_test(each_frame_missing_or_twice),
		cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests_name("recordings", tests, setup, teardown);
}
