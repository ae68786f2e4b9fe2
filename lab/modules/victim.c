// SPDX-License-Identifier: GPL-2.0-only
/*
 * Create and destroy caches by name, by writing to /proc/victim:
 *
 *	create NAME SIZE	a cache of objects of SIZE bytes
 *	fill NAME SLABS [NODE]	give it SLABS slabs with one object each, on this node
 *	destroy NAME		free its objects and the cache itself
 *
 * A kernel that retains the node structures of a removed node frees them when their
 * cache is destroyed. A slab with one object is partial: the more partial slabs, the
 * longer a reader of /sys/kernel/slab/NAME/objects_partial walks their list.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define NAME_LEN 32

struct victim {
	struct list_head list;
	struct kmem_cache *cache;
	struct held *held;
	char name[NAME_LEN];
};

/* The head of an object that keeps its slab. */
struct held {
	struct held *next;
};

static LIST_HEAD(victims);
static DEFINE_MUTEX(lock);

/* A cache with a constructor is never merged with another. */
static void construct(void *object)
{
}

static struct victim *find(const char *name)
{
	struct victim *v;

	list_for_each_entry(v, &victims, list)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

static int create(const char *name, unsigned int size)
{
	struct victim *v;

	if (find(name))
		return -EEXIST;
	if (size < sizeof(struct held))
		return -EINVAL;
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	strscpy(v->name, name, sizeof(v->name));
	v->cache = kmem_cache_create(v->name, size, 0, 0, construct);
	if (!v->cache) {
		kfree(v);
		return -ENOMEM;
	}
	list_add(&v->list, &victims);
	return 0;
}

static void empty(struct victim *v)
{
	struct held *h;

	while ((h = v->held)) {
		v->held = h->next;
		kmem_cache_free(v->cache, h);
		cond_resched();
	}
}

/* The address gives the page, which is the slab: this holds for slabs of order 0. */
static int fill(const char *name, unsigned int slabs, int node)
{
	struct victim *v = find(name);
	struct held *h, *spare = NULL;
	unsigned long slab = 0;
	int err = 0;

	if (!v)
		return -ENOENT;
	while (slabs) {
		h = kmem_cache_alloc_node(v->cache, node == NUMA_NO_NODE ? GFP_KERNEL :
					  GFP_KERNEL | __GFP_THISNODE, node);
		if (!h) {
			err = -ENOMEM;
			break;
		}
		if (((unsigned long)h & PAGE_MASK) == slab) {
			h->next = spare;
			spare = h;
			continue;
		}
		slab = (unsigned long)h & PAGE_MASK;
		h->next = v->held;
		v->held = h;
		slabs--;
		cond_resched();
	}
	while ((h = spare)) {
		spare = h->next;
		kmem_cache_free(v->cache, h);
	}
	return err;
}

static int destroy(struct victim *v)
{
	if (!v)
		return -ENOENT;
	empty(v);
	list_del(&v->list);
	kmem_cache_destroy(v->cache);
	kfree(v);
	return 0;
}

static int command(char *text)
{
	char name[NAME_LEN], end;
	unsigned int number;
	int node;

	text = strim(text);
	if (sscanf(text, "create %31s %u%c", name, &number, &end) == 2)
		return create(name, number);
	if (sscanf(text, "fill %31s %u %d%c", name, &number, &node, &end) == 3)
		return fill(name, number, node);
	if (sscanf(text, "fill %31s %u%c", name, &number, &end) == 2)
		return fill(name, number, NUMA_NO_NODE);
	if (sscanf(text, "destroy %31s %c", name, &end) == 1)
		return destroy(find(name));
	return -EINVAL;
}

static ssize_t victim_proc_write(struct file *file, const char __user *from, size_t size,
				 loff_t *pos)
{
	char *text;
	int err;

	if (size > 128)
		return -EINVAL;
	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&lock);
	err = command(text);
	mutex_unlock(&lock);
	kfree(text);
	return err ?: size;
}

static const struct proc_ops victim_proc_ops = {
	.proc_write	= victim_proc_write,
};

static int __init victim_init(void)
{
	return proc_create("victim", 0200, NULL, &victim_proc_ops) ? 0 : -ENOMEM;
}

static void __exit victim_exit(void)
{
	struct victim *v, *next;

	remove_proc_entry("victim", NULL);
	list_for_each_entry_safe(v, next, &victims, list)
		destroy(v);
}

module_init(victim_init);
module_exit(victim_exit);
MODULE_DESCRIPTION("Slab caches that are created and destroyed by name");
MODULE_LICENSE("GPL");
