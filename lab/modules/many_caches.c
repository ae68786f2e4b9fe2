// SPDX-License-Identifier: GPL-2.0-only
/*
 * Create many slab caches, many_0000 and following, and destroy them on unload.
 *
 * Since Linux 6.18 each destruction waits about 16 ms for RCU callbacks, so a test
 * that does not need the destruction leaves the module loaded.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

static unsigned int count = 3000;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "how many caches");

static unsigned int size = 64;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "bytes of their objects");

static struct kmem_cache **caches;

/* A cache with a constructor is never merged with another. */
static void construct(void *object)
{
}

static void destroy(void)
{
	unsigned int i;

	for (i = 0; i < count && caches[i]; i++) {
		kmem_cache_destroy(caches[i]);
		cond_resched();
	}
	kvfree(caches);
}

static int __init many_caches_init(void)
{
	char name[16];
	unsigned int i;

	caches = kvcalloc(count, sizeof(*caches), GFP_KERNEL);
	if (!caches)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "many_%04u", i);
		caches[i] = kmem_cache_create(name, size, 0, 0, construct);
		if (!caches[i]) {
			destroy();
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

static void __exit many_caches_exit(void)
{
	destroy();
}

module_init(many_caches_init);
module_exit(many_caches_exit);
MODULE_DESCRIPTION("Many slab caches");
MODULE_LICENSE("GPL");
