// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/node_set.h"
#include "slubnode.skel.h"
#include "trace/maps.h"
#include "trace/sizes.h"

#define FREED_NONE SIZES_CHUNK
#define SLOTS_MIN  4096
#define SLOTS_MAX  65536 /* bpf/loop.bpf.h: CHUNK * BLOCK * BLOCKS */
#define RING_MIN   (8U << 20)
#define RING_MAX   (128U << 20)

/* Return an upper bound of the number of caches, aliases included; 0: not known. */
static unsigned int count_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	unsigned int count = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Return the number of nodes with memory; 0: not known. */
static unsigned int count_nodes(void)
{
	struct node_set present;
	unsigned int count = 0;

	if (node_set_read(&present, "has_memory"))
		return 0;
	for (unsigned int nid = 0; nid < MAX_NODES; nid++)
		count += present.has[nid];
	return count;
}

/* Return the room for the records of two walks over all caches, which may come before a read. */
static unsigned int default_ring_bytes(unsigned long caches, unsigned int nodes)
{
	unsigned long walk =
		caches * (sizeof(struct cache_record) + nodes * sizeof(struct structure_record));
	unsigned int bytes = RING_MIN;

	while (bytes < 2 * walk && bytes < RING_MAX)
		bytes *= 2;
	return bytes;
}

void maps_size(struct slubnode *skeleton, unsigned int nodes, unsigned int ring_bytes, bool detect)
{
	unsigned long caches = count_caches();
	unsigned int slots = sizes_clamp((4 * caches + 63) & ~63UL, SLOTS_MIN, SLOTS_MAX);
	unsigned int pointers = sizes_node_ptrs(caches, nodes, count_nodes());
	unsigned int freed =
		detect ? sizes_clamp((2 * caches * nodes + 63) & ~63UL, SLOTS_MIN, SLOTS_MAX)
		       : FREED_NONE;

	bpf_map__set_max_entries(skeleton->maps.cache_slots, slots);
	bpf_map__set_max_entries(skeleton->maps.unused_cache_slots, slots);
	bpf_map__set_max_entries(skeleton->maps.cache_index, slots);
	bpf_map__set_max_entries(skeleton->maps.node_ptrs, pointers);
	bpf_map__set_max_entries(skeleton->maps.sought, slots);
	bpf_map__set_max_entries(skeleton->maps.freed_slots, freed);
	bpf_map__set_max_entries(skeleton->maps.unused_freed_slots, freed);
	bpf_map__set_max_entries(skeleton->maps.freed_index, freed);
	bpf_map__set_max_entries(skeleton->maps.records,
				 ring_bytes ?: default_ring_bytes(caches, nodes));
}

/* Push all slots onto the stack; the lowest one ends on top. */
static int fill_stack(const struct bpf_map *stack)
{
	int fd = bpf_map__fd(stack);

	for (__u32 slot = bpf_map__max_entries(stack); slot--;) {
		int err = bpf_map_update_elem(fd, NULL, &slot, BPF_ANY);

		if (err)
			return err;
	}
	return 0;
}

int maps_fill(struct slubnode *skeleton, bool detect)
{
	int err = fill_stack(skeleton->maps.unused_cache_slots);

	if (!err)
		err = fill_stack(skeleton->maps.unused_slab_scans);
	return err || !detect ? err : fill_stack(skeleton->maps.unused_freed_slots);
}

void maps_empty(const struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	__u64 key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		if (bpf_map_delete_elem(fd, &key))
			return;
}

static size_t mapped_bytes(const struct bpf_map *map)
{
	size_t page = sysconf(_SC_PAGESIZE), value = (bpf_map__value_size(map) + 7) & ~7U;

	return (bpf_map__max_entries(map) * value + page - 1) / page * page;
}

int maps_map_array(const struct bpf_map *map, const void **values)
{
	void *mapped = mmap(NULL, mapped_bytes(map), PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*values = mapped;
	return 0;
}

void maps_unmap_array(const struct bpf_map *map, const void *values)
{
	if (values)
		munmap((void *)values, mapped_bytes(map));
}

int maps_map_positions(const struct slubnode *skeleton, const void **positions)
{
	void *mapped = mmap(NULL, 2 * sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED,
			    bpf_map__fd(skeleton->maps.records), 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*positions = mapped;
	return 0;
}

void maps_unmap_positions(const void *positions)
{
	munmap((void *)positions, 2 * sysconf(_SC_PAGESIZE));
}
