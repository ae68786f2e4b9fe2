/* SPDX-License-Identifier: GPL-2.0-only */
/* The sentence with which a trace ends, and clauses of it that others print, too. */
#ifndef SLUBNODE_ANSWER_TEXT_H
#define SLUBNODE_ANSWER_TEXT_H

#include <stddef.h>
#include "model/answer.h"

#define ANSWER_ROOM 1024

/* Write the answer in a sentence or a few, in printable ASCII. Returns text. */
const char *answer_text(char text[ANSWER_ROOM], const struct answer *a);

#define BLOCKS_ROOM 160

/*
 * Write "block 40 of node 1 went offline, 3 remain; SLUB acts when the last one goes". Returns text.
 */
const char *answer_blocks(char text[BLOCKS_ROOM], const struct blocks_record *r);

#endif /* SLUBNODE_ANSWER_TEXT_H */
