// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loaded into GNU make: $(make-exit STATUS) ends it with that status, or does
 * nothing when it is 0 or empty. By itself make knows but one status for
 * whatever failed, 2, and `make verdict' promises that of `check'.
 */
#include <stdlib.h>

int plugin_is_GPL_compatible;
int exit_gmk_setup(const void *location);

/* Of gnumake.h, which not every make comes with. */
void gmk_add_function(const char *name,
		      char *(*function)(const char *name, unsigned int argc, char **argv),
		      unsigned int min_args, unsigned int max_args, unsigned int flags);

static char *make_exit(const char *name, unsigned int argc, char **argv)
{
	int status = argc ? atoi(argv[0]) : 0;

	(void)name;
	if (status)
		exit(status);
	return NULL;
}

int exit_gmk_setup(const void *location)
{
	(void)location;
	gmk_add_function("make-exit", make_exit, 1, 1, 0);
	return 1;
}
