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

/* Return the number of caches, of which the others are aliases; 0: not known. */
static unsigned int count_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	const struct dirent *entry;
	unsigned int count = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		count += entry->d_type == DT_DIR && entry->d_name[0] != '.';
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

void maps_size(struct slubnode *skeleton, const struct maps_options *o)
{
	const struct machine machine = {
		.caches = count_caches(),
		.possible = o->nodes,
		.present = count_nodes(),
		.cpus = o->cpus,
	};
	struct sizes s;

	sizes_find(&s, &machine);
	if (!o->detect)
		s.freed = SIZES_CHUNK;
	bpf_map__set_max_entries(skeleton->maps.cache_slots, s.caches);
	bpf_map__set_max_entries(skeleton->maps.unused_cache_slots, s.caches);
	bpf_map__set_max_entries(skeleton->maps.cache_index, s.caches);
	skeleton->rodata->cache_slot_count = s.caches;
	if (skeleton->rodata->compare_node_ptrs)
		bpf_map__set_max_entries(skeleton->maps.node_ptrs, s.caches * o->nodes);
	bpf_map__set_max_entries(skeleton->maps.sought, s.caches);
	bpf_map__set_max_entries(skeleton->maps.freed_slots, s.freed);
	bpf_map__set_max_entries(skeleton->maps.unused_freed_slots, s.freed);
	bpf_map__set_max_entries(skeleton->maps.freed_index, s.freed);
	skeleton->rodata->freed_slot_count = o->detect ? s.freed : 0;
	bpf_map__set_max_entries(skeleton->maps.counted_slabs, s.slabs);
	bpf_map__set_max_entries(skeleton->maps.slab_looks, s.looks);
	bpf_map__set_max_entries(skeleton->maps.heartbeats, o->cpus);
	bpf_map__set_max_entries(skeleton->maps.records, o->ring_bytes ?: s.ring_bytes);
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
