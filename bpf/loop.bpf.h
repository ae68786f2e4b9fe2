/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots are walked in chunks, and chunks in blocks: the verifier follows each
 * loop to its end, and a function's only once.
 */
#ifndef SLUBNODE_LOOP_BPF_H
#define SLUBNODE_LOOP_BPF_H

#define CHUNK  64 /* slots that one call handles */
#define BLOCK  32 /* chunks likewise */
#define BLOCKS 32 /* calls at the most: CHUNK * BLOCK * BLOCKS are 65,536 slots */

#endif /* SLUBNODE_LOOP_BPF_H */
