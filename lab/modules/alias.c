// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two equal caches: with slab merging the second becomes an alias of the first, or
 * both become aliases of an existing cache.
 */
#include <linux/module.h>
#include <linux/slab.h>

#define OBJECT_SIZE 1000

static struct kmem_cache *one, *two;

static int __init alias_init(void)
{
	one = kmem_cache_create("alias_one", OBJECT_SIZE, 0, 0, NULL);
	if (!one)
		return -ENOMEM;
	two = kmem_cache_create("alias_two", OBJECT_SIZE, 0, 0, NULL);
	if (two)
		return 0;
	kmem_cache_destroy(one);
	return -ENOMEM;
}

static void __exit alias_exit(void)
{
	kmem_cache_destroy(two);
	kmem_cache_destroy(one);
}

module_init(alias_init);
module_exit(alias_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Two caches that can be merged");
