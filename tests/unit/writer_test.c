// SPDX-License-Identifier: GPL-2.0-only
/* The writer: a slow, stalled or absent reader, a full disk, and whole lines in each case. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/writer.h"

#define LIMIT   100000
#define STALL_S 0.1

static struct writer *w;
static int pipe_fds[2];
static char text[1 << 20];

static int setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return pipe(pipe_fds) || writer_open(&w, pipe_fds[1], LIMIT);
}

static int teardown(void **state)
{
	(void)state;
	if (pipe_fds[0] >= 0)
		close(pipe_fds[0]);
	writer_drain(w, 10); /* without a reader, the thread ends */
	writer_close(w);
	close(pipe_fds[1]);
	return 0;
}

static void put_lines(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		fprintf(writer_stream(w), "line %010u of the test\n", i);
	fflush(writer_stream(w));
}

/* Put a line of this length. */
static void put_long(size_t len)
{
	for (size_t i = 1; i < len; i++)
		fputc('x', writer_stream(w));
	fputc('\n', writer_stream(w));
	fflush(writer_stream(w));
}

/* Read what the pipe holds now. Returns the number of bytes. */
static size_t read_pipe(void)
{
	ssize_t count;
	size_t len = 0;

	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	while ((count = read(pipe_fds[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)count;
	text[len] = 0;
	return len;
}

/* Count the lines, and test that each is whole. */
static unsigned int whole_lines_read(size_t len)
{
	unsigned int lines = 0;

	assert_true(!len || text[len - 1] == '\n');
	for (const char *line = text; *line; line = strchr(line, '\n') + 1, lines++)
		assert_true(!strncmp(line, "line ", 5) && strchr(line, '\n') == line + 27);
	return lines;
}

/* Wait until the failure is signalled. Returns false if it is not in this time. */
static bool failure_arrives(int timeout_ms)
{
	struct pollfd failure = { .fd = writer_failure_fd(w), .events = POLLIN };

	return poll(&failure, 1, timeout_ms) == 1;
}

static void test_lines_arrive(void **state)
{
	(void)state;
	put_lines(1000);
	assert_true(writer_drain(w, 10));
	assert_false(failure_arrives(0));
	assert_int_equal(writer_unwritten(w), 0);
	assert_int_equal(whole_lines_read(read_pipe()), 1000);
}

static void test_part_of_a_line_waits(void **state)
{
	(void)state;
	fputs("line ", writer_stream(w));
	fflush(writer_stream(w));
	assert_true(writer_drain(w, 10));
	assert_int_equal(read_pipe(), 0);
	fputs("0000000000 of the test\n", writer_stream(w));
	assert_true(writer_drain(w, 10));
	assert_int_equal(whole_lines_read(read_pipe()), 1);
}

static void test_stalled_reader(void **state)
{
	__u64 start = clock_now(), unwritten;

	(void)state;
	put_lines(20000); /* more than pipe and buffer hold */
	assert_true(clock_now() - start < 5000000000ULL);
	assert_false(writer_drain(w, STALL_S));
	assert_int_equal(writer_error(w), 0);
	unwritten = writer_unwritten(w);
	assert_true(unwritten > 10000 && unwritten < 20000);
}

static void test_reader_that_goes_on(void **state)
{
	unsigned int lines, more, idle = 0;
	__u64 dropped;

	(void)state;
	put_lines(20000);
	assert_false(writer_drain(w, STALL_S));
	lines = whole_lines_read(read_pipe());
	while (idle < 10) { /* a busy machine may run the writer late */
		writer_drain(w, STALL_S);
		more = whole_lines_read(read_pipe());
		idle = more ? 0 : idle + 1;
		lines += more;
	}
	dropped = writer_unwritten(w);
	assert_int_equal(lines + dropped, 20000);
	put_lines(10);
	assert_false(writer_drain(w, 10)); /* because some were dropped */
	assert_int_equal(writer_unwritten(w), dropped);
	assert_int_equal(whole_lines_read(read_pipe()), 10);
}

static void test_extended_limit(void **state)
{
	(void)state;
	writer_extend(w, true);
	put_lines(20000);
	writer_extend(w, false);
	put_lines(2000); /* the limit itself is left for these */
	for (unsigned int lines = 0; lines < 22000;) {
		writer_drain(w, STALL_S);
		lines += whole_lines_read(read_pipe());
	}
	assert_int_equal(writer_unwritten(w), 0);
}

static void test_reader_that_has_ended(void **state)
{
	(void)state;
	close(pipe_fds[0]);
	pipe_fds[0] = -1;
	put_lines(3);
	assert_false(writer_drain(w, 10));
	assert_int_equal(writer_error(w), -EPIPE);
	assert_int_equal(writer_unwritten(w), 3);
}

static void test_long_line(void **state)
{
	(void)state;
	put_long(90000);
	assert_true(writer_drain(w, 10)); /* the pipe has been enlarged */
	assert_int_equal(read_pipe(), 90000);
}

static void test_long_line_is_not_cut(void **state)
{
	(void)state;
	put_lines(100);
	put_long(80000);
	assert_false(writer_drain(w, STALL_S));
	assert_int_equal(writer_unwritten(w), 1);
	assert_int_equal(read(pipe_fds[0], text, 100 * 28), 100 * 28);
	assert_true(writer_drain(w, 10));
	assert_int_equal(read_pipe(), 80000);
}

/* Open a writer to a file, in place of that of setup(). */
static int use_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	writer_close(w);
	assert_int_equal(writer_open(&w, fd, LIMIT), 0);
	return fd;
}

static void test_full_device(void **state)
{
	int fd = use_file("/dev/full");

	(void)state;
	put_lines(5);
	assert_false(writer_drain(w, 10));
	assert_int_equal(writer_error(w), -ENOSPC);
	assert_true(failure_arrives(10000));
	put_lines(5);
	assert_int_equal(writer_unwritten(w), 10);
	close(fd);
}

static void test_full_disk_cuts_no_line(void **state)
{
	char path[] = "/tmp/slubnode-writer.XXXXXX";
	struct rlimit before, small;
	int fd;

	(void)state;
	close(mkstemp(path));
	fd = use_file(path);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 5000; /* not a multiple of the length of a line */
	setrlimit(RLIMIT_FSIZE, &small);
	put_lines(1000);
	assert_false(writer_drain(w, 10));
	assert_int_equal(writer_error(w), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(lseek(fd, 0, SEEK_END), 5000 / 28 * 28);
	assert_int_equal(writer_unwritten(w), 1000 - 5000 / 28);
	close(fd);
	unlink(path);
}

/* Pieces that are not lines: a byte with a length, and bytes of that length, some of them newlines. */
static size_t packet(const char *bytes, size_t len)
{
	size_t whole = len ? 1 + (size_t)(unsigned char)*bytes : 0;

	return whole <= len ? whole : 0;
}

static void put_packets(unsigned int count, bool alone)
{
	for (unsigned int i = 0; i < count; i++) {
		unsigned char len = (unsigned char)(1 + i % 255);

		fputc(len, writer_stream(w));
		for (unsigned int at = 0; at < len; at++)
			fputc(at % 3 ? '\n' : (int)(i % 256), writer_stream(w));
		if (alone)
			fflush(writer_stream(w));
	}
}

/* Count the packets, and test that each is whole. */
static unsigned int whole_packets_read(size_t len)
{
	unsigned int packets = 0;

	for (size_t at = 0, one; at < len; at += one, packets++) {
		one = packet(text + at, len - at);
		assert_true(one > 1);
		for (size_t i = 1; i < one; i++)
			assert_true((i - 1) % 3 ? text[at + i] == '\n'
						: text[at + i] == text[at + 1]);
	}
	return packets;
}

static void test_packets_and_a_stalled_reader(void **state)
{
	unsigned int packets;
	(void)state;

	writer_set_pieces(w, packet);
	put_packets(10000, true);
	assert_false(writer_drain(w, STALL_S));
	packets = whole_packets_read(read_pipe());
	while (poll(&(struct pollfd){ .fd = pipe_fds[0], .events = POLLIN }, 1, 200) == 1)
		packets += whole_packets_read(read_pipe());
	assert_true(packets > 300 && packets < 10000);
	assert_int_equal(writer_unwritten(w), 10000 - packets);
}

/* As a text that was kept until the start, which is longer than the buffer of the stream. */
static void test_packets_across_the_buffer(void **state)
{
	char path[] = "/tmp/writer_test.XXXXXX";
	int fd = mkstemp(path);
	(void)state;

	writer_drain(w, 10);
	writer_close(w);
	assert_int_equal(writer_open(&w, fd, LIMIT), 0);
	writer_set_pieces(w, packet);
	writer_extend(w, true);
	put_packets(5000, false);
	writer_extend(w, false);
	assert_true(writer_drain(w, 10));
	assert_int_equal(whole_packets_read((size_t)pread(fd, text, sizeof(text), 0)), 5000);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_arrive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_part_of_a_line_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stalled_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reader_that_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extended_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reader_that_has_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line_is_not_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk_cuts_no_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packets_and_a_stalled_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_packets_across_the_buffer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
