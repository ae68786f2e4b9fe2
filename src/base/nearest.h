/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLUBNODE_NEAREST_H
#define SLUBNODE_NEAREST_H

/*
 * Find the word of a list (the last is NULL) that was probably meant by a misspelled one: it begins
 * with it, or one or two letters differ. Returns NULL if there is none.
 */
const char *nearest_word(const char *misspelled, const char *const words[]);

#endif /* SLUBNODE_NEAREST_H */
