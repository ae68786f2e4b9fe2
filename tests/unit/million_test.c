// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording of a million records is replayed by the program in bounded memory: its records alone
 * would take more.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fake_model.h"
#include "recording/writer.h"

#define RECORDS 1000000
#define CACHES  100

static struct recording_writer *writer;
static unsigned int written;
static char file[] = "/tmp/slubnode-million.XXXXXX";

static int into_recording(const struct record *e, size_t len)
{
	recording_writer_record(writer, record_check(e, len));
	written++;
	return into_model(e, len);
}

/* Record removals and returns of a node, whose structures are freed and made again. */
static void record_cycles(void)
{
	const struct recording_head head = {
		.tool = "0", .command = "trace", .kernel = "5.10.0", .node_bytes = 64
	};
	const struct recording_run run = {};
	char name[24];

	assert_int_equal(recording_writer_open(&writer, file, 0), 0);
	assert_int_equal(recording_writer_begin(writer, &head), 0);
	model_setup(NULL);
	begin(FREES, 2);
	fake_feed = into_recording;
	recording_writer_record(writer, &session.head);
	k.slab_node[0] = k.slab_node[1] = true;
	for (int i = 0; i < CACHES; i++) {
		snprintf(name, sizeof(name), "cache-%d", i);
		cache_make(name);
	}
	first_look();
	recording_writer_start(writer);
	for (written = 0; written < RECORDS; turn()) {
		offline(1);
		online(1);
	}
	finish();
	recording_writer_run(writer, &run);
	assert_int_equal(recording_writer_close(writer), 0);
	model_teardown(NULL);
}

static int setup(void **state __attribute__((unused)))
{
	close(mkstemp(file));
	record_cycles();
	return 0;
}

static int teardown(void **state __attribute__((unused)))
{
	unlink(file);
	return 0;
}

/* Replay the recording by the program, in an address space of 48 MiB with its libraries. */
static void assert_bounded(const char *command, const char *option)
{
	const struct rlimit limit = { 48 << 20, 48 << 20 };
	pid_t pid = fork();
	int status;

	if (!pid) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		setrlimit(RLIMIT_AS, &limit);
		execl("slubnode-trace", "slubnode-trace", command, "-i", file, option, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void text(void **state __attribute__((unused)))
{
	assert_bounded("trace", "--events");
}

static void json(void **state __attribute__((unused)))
{
	assert_bounded("trace", "--json");
}

static void html(void **state __attribute__((unused)))
{
	assert_bounded("trace", "--format=html");
}

static void perfetto(void **state __attribute__((unused)))
{
	assert_bounded("trace", "--format=perfetto");
}

static void check(void **state __attribute__((unused)))
{
	assert_bounded("check", NULL);
}

static void report(void **state __attribute__((unused)))
{
	assert_bounded("report", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),     cmocka_unit_test(json),  cmocka_unit_test(html),
		cmocka_unit_test(perfetto), cmocka_unit_test(check), cmocka_unit_test(report),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
