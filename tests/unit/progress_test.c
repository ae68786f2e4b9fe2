// SPDX-License-Identifier: GPL-2.0-only
/* The line of progress, on a terminal and elsewhere. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/msg.h"
#include "base/progress.h"

static char text[4096];

/* Direct standard error to a descriptor. Returns a copy of the old one. */
static int redirect(int fd)
{
	int old = dup(STDERR_FILENO);

	assert_true(old >= 0);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	return old;
}

static void restore(int old)
{
	dup2(old, STDERR_FILENO);
	close(old);
}

static void on_a_terminal(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), other, old;
	ssize_t len;

	(void)state;
	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal), 0);
	assert_int_equal(unlockpt(terminal), 0);
	other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_true(other >= 0);
	setenv("TERM", "vt100", 1);
	old = redirect(other);
	progress_begin("loading");
	len = read(terminal, text, sizeof(text) - 1); /* waits for the line */
	msg_error("message");
	progress_end();
	progress_begin("nothing"); /* it ends before a second is over */
	progress_end();
	restore(old);
	assert_true(len > 0);
	len += read(terminal, text + len, sizeof(text) - 1 - (size_t)len);
	text[len] = 0;
	assert_ptr_equal(strstr(text, "\rloading ... 1 s\r "), text);
	/* The line is erased, by no escape, before the message. */
	assert_non_null(strstr(text, " \rslubnode-trace: message\r\n"));
	assert_string_equal(text + len - 2, "\r\n");
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "nothing"));
	setenv("TERM", "dumb", 1);
	old = redirect(other);
	progress_begin("loading");
	usleep(1300000);
	progress_end();
	restore(old);
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	assert_int_equal(read(terminal, text, sizeof(text)), -1);
	close(other);
	close(terminal);
}

static void elsewhere(void **state)
{
	int fds[2], old;

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	old = redirect(fds[1]);
	progress_begin("loading");
	usleep(1300000);
	progress_end();
	restore(old);
	assert_int_equal(read(fds[0], text, sizeof(text)), -1);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_terminal),
		cmocka_unit_test(elsewhere),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
