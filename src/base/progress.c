// SPDX-License-Identifier: GPL-2.0-only
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include "base/progress.h"
#include "base/terminal.h"

#define WIDTH 79

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static pthread_t thread;
static const char *subject; /* NULL: nothing is in progress */
static bool shown;

static void progress_show(unsigned int seconds)
{
	char line[WIDTH + 1];

	snprintf(line, sizeof(line), "%s ... %u s", subject, seconds);
	dprintf(STDERR_FILENO, "\r%s", line);
	shown = true;
}

static void erase_locked(void)
{
	/* Spaces, because not each terminal knows the escape. */
	if (shown)
		dprintf(STDERR_FILENO, "\r%*s\r", WIDTH, "");
	shown = false;
}

static void *progress_run(void *unused)
{
	struct timespec next;

	clock_gettime(CLOCK_REALTIME, &next);
	pthread_mutex_lock(&lock);
	for (unsigned int seconds = 1; subject; seconds++) {
		next.tv_sec++;
		while (subject && !pthread_cond_timedwait(&ended, &lock, &next))
			;
		if (subject)
			progress_show(seconds);
	}
	pthread_mutex_unlock(&lock);
	return unused;
}

void progress_begin(const char *what)
{
	sigset_t all, before;

	if (!terminal_is_capable(STDERR_FILENO))
		return;
	subject = what;
	/* A signal is for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, progress_run, NULL))
		subject = NULL;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void progress_end(void)
{
	if (!subject)
		return;
	pthread_mutex_lock(&lock);
	subject = NULL;
	erase_locked();
	pthread_cond_signal(&ended);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

void progress_erase(void)
{
	pthread_mutex_lock(&lock);
	erase_locked();
	pthread_mutex_unlock(&lock);
}
