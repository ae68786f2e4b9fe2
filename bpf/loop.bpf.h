/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounds of loops over up to 65,536 entries. The verifier follows every iteration
 * of a loop: a flat loop of 4,096 is refused by every kernel from 5.10 to 7.3.
 * It checks a global function only once for all callers, so one function handles
 * a chunk of entries, and another a block of chunks.
 */
#ifndef SLUBNODE_LOOP_BPF_H
#define SLUBNODE_LOOP_BPF_H

#define CHUNK  64 /* entries that one call handles */
#define BLOCK  32 /* chunks that one call handles */
#define BLOCKS 32 /* calls at most: CHUNK * BLOCK * BLOCKS is 65,536 */

#endif /* SLUBNODE_LOOP_BPF_H */
