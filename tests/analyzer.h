/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by clang's analyzer only (.clang-tidy): uthash in terms that the analyzer can follow. It
 * loses track of the list's head in HASH_DEL and takes HASH_ITER's next element for a freed one;
 * and it takes the bytes that the hash function reads for uninitialized.
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
