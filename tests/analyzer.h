/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros of uthash in a form that clang's analyzer can follow; .clang-tidy includes this file
 * first. The analyzer loses the head of the list in HASH_DEL and regards the next element of
 * HASH_ITER as freed. It regards the bytes that the hash function reads as uninitialized.
 */
#ifndef SLUBNODE_ANALYZER_H
#define SLUBNODE_ANALYZER_H

#define HASH_FUNCTION(key, len, hash) ((hash) = (unsigned int)(len) + !(key))
#include <uthash.h>

#undef HASH_DELETE
#define HASH_DELETE(hh, head, del) \
	do { \
		if ((head) == (del)) \
			(head) = (del)->hh.next; \
	} while (0)

#endif
