// SPDX-License-Identifier: GPL-2.0-only
/* A masked recording has no address and no task of the original, and gives the same answer. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include "model/record.h"
#include "recording/mask.h"
#include "replayed.h"

#define WORDS (1 << 20)

static const char *const kernels[] = { "5.10", "6.1", "6.12", "7.x" };
static struct mask mask = { .shift = 0x123456789abcdefULL, .key = 7 };

/* A negative number beside another one is no address: the kernel's text begins above. */
static bool is_address(__u64 word)
{
	return word >= 0xff00000000000000ULL && word != ALLOCATIONS_UNKNOWN &&
	       (word < 0xfffffff000000000ULL || word >= 0xffffffff80000000ULL);
}

static void addresses_are_shifted(void **state __attribute__((unused)))
{
	const __u64 a = 0xffff888012345678ULL, b = 0xffffffff81234567ULL;

	assert_true(mask_address(&mask, a) != a && is_address(mask_address(&mask, a)));
	assert_true(mask_address(&mask, a + 64) == mask_address(&mask, a) + 64);
	assert_true((mask_address(&mask, b) & 0x1fffff) == (b & 0x1fffff));
	assert_true(mask_word(&mask, b) == mask_address(&mask, b));
	assert_true(mask_word(&mask, 0) == 0 && mask_word(&mask, 1000) == 1000);
	assert_true(mask_word(&mask, 0x123456789abcdefULL) ==
		    mask_word(&mask, 0x123456789abcdefULL));
	assert_true(mask_word(&mask, 0x123456789abcdefULL) != 0x123456789abcdefULL);
}

static int open_recording(struct recording **r, const char *file)
{
	int fd = open(file, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(recording_open(r, fd), 0);
	return fd;
}

/* Copy a recording with the mask. Returns a descriptor of the copy. */
static int masked_copy(const char *file, char *copy, size_t room)
{
	int to = memfd_create("masked", 0), fd;
	struct recording_writer *writer;
	struct recording *from;

	snprintf(copy, room, "/proc/self/fd/%d", to);
	fd = open_recording(&from, file);
	assert_int_equal(recording_writer_open(&writer, copy, 0), 0);
	assert_int_equal(recording_writer_begin(writer, recording_head(from)), 0);
	assert_int_equal(mask_recording(&mask, from, writer), 0);
	assert_int_equal(recording_writer_close(writer), 0);
	recording_close(from);
	close(fd);
	return to;
}

/* Collect the addresses of the kernel in all records. Returns their number. */
static size_t collect(const char *file, __u64 *words)
{
	struct recording_entry e;
	struct recording *r;
	size_t count = 0;
	int fd = open_recording(&r, file);

	while (recording_next(r, &e) > 0) {
		const __u64 *word = (const void *)e.record;

		if (e.kind != ENTRY_RECORD)
			continue;
		for (size_t i = 0; i < record_len(e.record) / 8 && count < WORDS; i++)
			if (is_address(word[i]))
				words[count++] = word[i];
	}
	recording_close(r);
	close(fd);
	return count;
}

static int by_value(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static void assert_no_address(const char *original, const char *copy)
{
	__u64 *before = calloc(WORDS, sizeof(*before)), *after = calloc(WORDS, sizeof(*after));
	size_t count = collect(original, before), copied = collect(copy, after), found = 0;

	assert_true(count > 100);
	qsort(before, count, sizeof(*before), by_value);
	for (size_t i = 0; i < copied; i++)
		if (bsearch(&after[i], before, count, sizeof(*before), by_value))
			found++;
	assert_int_equal(found, 0);
	free(before);
	free(after);
}

/* Cut the digits of each address out of JSON. */
static void strip(char *json)
{
	char *to = json;

	while (*json) {
		if (json[0] == '0' && json[1] == 'x') {
			json += 2;
			json += strspn(json, "0123456789abcdef");
		} else {
			*to++ = *json++;
		}
	}
	*to = 0;
}

static void the_same_answer(void **state __attribute__((unused)))
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		struct replayed before, after;
		char file[64], copy[32];
		int fd;

		snprintf(file, sizeof(file), "build/recordings/%s.slub", kernels[i]);
		fd = masked_copy(file, copy, sizeof(copy));
		assert_no_address(file, copy);
		replay_all(&before, file);
		replay_all(&after, copy);
		assert_true(after.whole && after.outcome.found);
		assert_int_equal(after.verdict.conclusion, before.verdict.conclusion);
		strip(before.json);
		strip(after.json);
		assert_string_equal(after.json, before.json);
		replayed_free(&before);
		replayed_free(&after);
		close(fd);
	}
}

/* Write a recording as a ring has it: its beginning is a state. Returns a descriptor. */
static int make_partial(const char *file, char *ring, size_t room)
{
	int to = memfd_create("ring", 0), fd;
	struct recording_writer *writer;
	struct recording_entry e;
	struct recording *from;

	snprintf(ring, room, "/proc/self/fd/%d", to);
	fd = open_recording(&from, file);
	assert_int_equal(recording_writer_open(&writer, ring, 0), 0);
	assert_int_equal(recording_writer_begin(writer, recording_head(from)), 0);
	recording_writer_state_begin(writer);
	while (recording_next(from, &e) > 0) {
		if (e.kind == ENTRY_RUN) {
			recording_writer_run(writer, &e.run);
		} else if (e.kind == ENTRY_START) {
			recording_writer_start(writer);
			recording_writer_state_end(writer);
		} else {
			recording_writer_record(writer, e.record);
		}
	}
	assert_int_equal(recording_writer_close(writer), 0);
	recording_close(from);
	close(fd);
	return to;
}

static void a_ring(void **state __attribute__((unused)))
{
	struct replayed before, after;
	char ring[32], copy[32];
	int from = make_partial("build/recordings/6.12.slub", ring, sizeof(ring)), fd;

	fd = masked_copy(ring, copy, sizeof(copy));
	replay_all(&before, ring);
	replay_all(&after, copy);
	assert_true(before.whole && after.whole);
	assert_non_null(strstr(before.text, "begins in the middle of the run"));
	assert_string_equal(strstr(after.text, "TAP version"), strstr(before.text, "TAP version"));
	replayed_free(&before);
	replayed_free(&after);
	close(fd);
	close(from);
}

static void no_tasks(void **state __attribute__((unused)))
{
	struct replayed x;
	char copy[32];
	int fd;

	mask.no_tasks = true;
	fd = masked_copy("build/recordings/6.12.slub", copy, sizeof(copy));
	replay_all(&x, copy);
	assert_true(x.whole && x.outcome.found);
	assert_non_null(strstr(x.json, "\"comm\":\"\""));
	assert_null(strstr(x.json, "\"comm\":\"s"));
	assert_null(strstr(x.text, "sh["));
	replayed_free(&x);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_shifted),
		cmocka_unit_test(the_same_answer),
		cmocka_unit_test(a_ring),
		cmocka_unit_test(no_tasks),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("masks", tests, NULL, NULL);
}
