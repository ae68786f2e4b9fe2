// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "base/nearest.h"

#define LONGEST 32 /* no command is longer */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Return the letters to insert, delete, replace or swap that make one word the other. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[LONGEST + 1][LONGEST + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > LONGEST || b_len > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			if (!i || !j) {
				rows[i][j] = i + j;
				continue;
			}
			rows[i][j] = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
					   rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[a_len][b_len];
}

const char *nearest_word(const char *misspelled, const char *const words[])
{
	size_t len = strlen(misspelled);
	const char *best = NULL;
	size_t best_distance = 3;

	for (; *words && len; words++) {
		size_t d = strncmp(*words, misspelled, len) ? distance(misspelled, *words) : 1;

		/* Half of a short word is another word. */
		if (d < best_distance && 2 * d < strlen(*words)) {
			best = *words;
			best_distance = d;
		}
	}
	return best;
}
