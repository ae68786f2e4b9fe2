/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounds of loops over up to 65,536 entries. The verifier follows every iteration
 * of a loop: a flat loop of 4,096 is refused by every kernel from 5.10 to 7.3.
 * It checks a global function only once for all callers, so one function handles
 * a chunk of entries, and another a block of chunks. A counter and a return value of 64 bits
 * spare it instructions in each iteration.
 */
#ifndef SLUBNODE_LOOP_BPF_H
#define SLUBNODE_LOOP_BPF_H

#define CHUNK  64 /* entries that one call handles */
#define BLOCK  32 /* chunks that one call handles */
#define BLOCKS 32 /* calls at most: CHUNK * BLOCK * BLOCKS is 65,536 */

/*
 * Call a function of 64 bits until it returns 0, at most n times. Returns its last value. The loop
 * is not unrolled, because the verifier's check of the stack follows each place of a call anew.
 */
#define CALL_UNTIL_0(n, call)                                                                      \
	({                                                                                         \
		__u64 more_ = 1;                                                                   \
		_Pragma("clang loop unroll(disable)") for (__u64 i_ = 0; i_ < (n) && more_; i_++)  \
			more_ = (call);                                                            \
		more_;                                                                             \
	})

#endif /* SLUBNODE_LOOP_BPF_H */
