// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cmd/option_list.h"

/* The options that choose what is observed and how it is judged. */
static const char *const kept[] = {
	"node",        "cache",        "attach",   "ring-buffer", "detect",     "watch-cache",
	"watch-field", "watch-turn",   "sweep",    "expect",      "allow",      "max-retained",
	"require",     "min-coverage", "duration", "allow-idle",  "exit-codes", NULL,
};

/* Return whether a word of this length is among others. */
static bool is_among(const char *const words[], const char *word, size_t len)
{
	for (; *words; words++)
		if (strlen(*words) == len && !strncmp(*words, word, len))
			return true;
	return false;
}

void option_list_note(struct option_list *l, const struct argp_option *table, int key,
		      const char *arg)
{
	for (; table->name || table->key || table->doc; table++) {
		if (!table->name || table->key != key ||
		    !is_among(kept, table->name, strlen(table->name)))
			continue;
		if (l->count == HEAD_OPTIONS)
			return;
		l->given[l->count].name = table->name;
		l->given[l->count].arg = arg;
		l->count++;
		return;
	}
}

void option_list_to_head(struct option_list *l, struct recording_head *head)
{
	for (unsigned int i = 0; i < l->count; i++) {
		const char *arg = l->given[i].arg;

		free(l->texts[i]);
		if (asprintf(&l->texts[i], "--%s%s%s", l->given[i].name, arg ? "=" : "",
			     arg ?: "") < 0) {
			l->texts[i] = NULL;
			return;
		}
		head->options[head->option_count++] = l->texts[i];
	}
}

void option_list_free(struct option_list *l)
{
	for (unsigned int i = 0; i < HEAD_OPTIONS; i++)
		free(l->texts[i]);
	*l = (struct option_list){};
}

static bool is_given(const struct option_list *l, const char *name, size_t len)
{
	for (unsigned int i = 0; i < l->count; i++)
		if (strlen(l->given[i].name) == len && !strncmp(l->given[i].name, name, len))
			return true;
	return false;
}

void option_list_replay(const struct option_list *l, const struct recording_head *head,
			const char *const names[], const struct argp *argp, const char *program,
			void *input)
{
	const struct option_list before = *l;

	for (unsigned int i = 0; i < head->option_count; i++) {
		const char *option = head->options[i], *name = option + 2;
		size_t len = strcspn(name, "=");

		if (strncmp(option, "--", 2) || !is_among(names, name, len) ||
		    is_given(&before, name, len))
			continue;
		argp_parse(argp, 2, (char *[]){ (char *)program, (char *)option, NULL },
			   ARGP_IN_ORDER | ARGP_NO_HELP, NULL, input);
	}
}
