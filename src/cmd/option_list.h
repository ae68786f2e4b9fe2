/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options of a run that a recording keeps, so that a replay judges as the run did. An option
 * that is given to the replay replaces the recorded ones of its name.
 */
#ifndef SLUBNODE_OPTION_LIST_H
#define SLUBNODE_OPTION_LIST_H

#include <argp.h>
#include "recording/head.h"

struct option_list {
	struct {
		const char *name, *arg; /* arg is NULL if the option has none */
	} given[HEAD_OPTIONS];
	unsigned int count;
	char *texts[HEAD_OPTIONS]; /* "--NAME=ARG", for a head */
};

/* Note an option, if a recording keeps it. Those beyond the room are not kept. */
void option_list_note(struct option_list *l, const struct argp_option *table, int key,
		      const char *arg);

/* Let a head have the options, whose texts are valid until option_list_free(). */
void option_list_to_head(struct option_list *l, struct recording_head *head);
void option_list_free(struct option_list *l);

/*
 * Parse the recorded options that are among `names' and were not given to this command. The texts
 * of the head stay in use. Ends the program if one is invalid.
 */
void option_list_replay(const struct option_list *l, const struct recording_head *head,
			const char *const names[], const struct argp *argp, const char *program,
			void *input);

#endif /* SLUBNODE_OPTION_LIST_H */
