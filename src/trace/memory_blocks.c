// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/read_line.h"
#include "trace/memory_blocks.h"

int memory_blocks_node(const struct memory_blocks *b, __u64 id)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int nid = -1, other, end;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/devices/system/memory/memory%llu", b->sys, id);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		end = 0;
		if (sscanf(entry->d_name, "node%d%n", &other, &end) != 1 || entry->d_name[end])
			continue;
		if (nid >= 0 || other < 0 || other >= MAX_NODES) {
			nid = -1;
			break;
		}
		nid = other;
	}
	if (folder)
		closedir(folder);
	return nid;
}

__u64 memory_blocks_of(const struct memory_blocks *b, __u64 pfn)
{
	char path[PATH_MAX], text[32];
	__u64 bytes;

	snprintf(path, sizeof(path), "%s/devices/system/memory/block_size_bytes", b->sys);
	read_line(path, text, sizeof(text));
	bytes = strtoull(text, NULL, 16);
	return bytes ? pfn * sysconf(_SC_PAGESIZE) / bytes : NO_BLOCK;
}

static bool is_online(const struct memory_blocks *b, unsigned long id)
{
	char path[PATH_MAX], state[16];

	snprintf(path, sizeof(path), "%s/devices/system/memory/memory%lu/state", b->sys, id);
	read_line(path, state, sizeof(state));
	return !strncmp(state, "online", 6) || !strncmp(state, "going-offline", 13);
}

static struct memory_block *find_block(struct memory_blocks *b, unsigned long id)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->list[i].id == id)
			return &b->list[i];
	return NULL;
}

/* Add a block, which is offline at first. Returns it; NULL when out of memory. */
static struct memory_block *add_block(struct memory_blocks *b, unsigned long id)
{
	struct memory_block *more = realloc(b->list, (b->count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	b->list = more;
	more[b->count] = (struct memory_block){ .id = id, .nid = -1 };
	return &more[b->count++];
}

static void set_gone(struct memory_blocks *b, struct memory_block *block, bool gone)
{
	b->gone[block->nid] += gone - block->gone;
	block->gone = gone;
}

static void set_block(struct memory_blocks *b, struct memory_block *block, bool online)
{
	if (block->online == online)
		return;
	block->online = online;
	if (block->nid < 0)
		block->nid = memory_blocks_node(b, block->id);
	if (block->nid < 0)
		return;
	b->online[block->nid] += online ? 1 : -1;
	set_gone(b, block, !online);
	if (online || b->online[block->nid])
		return;
	b->emptied[block->nid]++;
	for (size_t i = 0; i < b->count; i++)
		if (b->list[i].nid == block->nid)
			set_gone(b, &b->list[i], false);
}

void memory_blocks_set(struct memory_blocks *b, unsigned long id, bool online)
{
	struct memory_block *block = find_block(b, id);

	if (!block)
		block = add_block(b, id); /* it was plugged in since the start */
	if (block)
		set_block(b, block, online);
	else
		b->unknown = true;
}

void memory_blocks_forget(struct memory_blocks *b)
{
	memset(b->emptied, 0, sizeof(b->emptied));
	memset(b->gone, 0, sizeof(b->gone));
	for (size_t i = 0; i < b->count; i++)
		b->list[i].gone = false;
}

void memory_blocks_gone(const struct memory_blocks *b, int nid, __u64 *first, __u64 *last)
{
	*first = ~0ULL;
	*last = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (!b->list[i].gone || b->list[i].nid != nid)
			continue;
		if (b->list[i].id < *first)
			*first = b->list[i].id;
		if (b->list[i].id > *last)
			*last = b->list[i].id;
	}
}

bool memory_blocks_uevent(struct memory_blocks *b, const char *text)
{
	static const char path[] = "@/devices/system/memory/memory";
	const char *at = strstr(text, path);
	unsigned long id;
	char *end;

	if (!at)
		return false;
	id = strtoul(at + strlen(path), &end, 10);
	if (*end || end == at + strlen(path))
		return true;
	if (!strncmp(text, "online@", 7))
		memory_blocks_set(b, id, true);
	else if (!strncmp(text, "offline@", 8))
		memory_blocks_set(b, id, false);
	return true;
}

void memory_blocks_read(struct memory_blocks *b, const char *sys)
{
	char path[PATH_MAX];
	struct memory_block *block;
	struct dirent *entry;
	unsigned long id;
	DIR *folder;

	*b = (struct memory_blocks){ .sys = sys };
	snprintf(path, sizeof(path), "%s/devices/system/memory", sys);
	folder = opendir(path);
	b->unknown = !folder;
	while (folder && (entry = readdir(folder))) {
		int end = 0;

		if (sscanf(entry->d_name, "memory%lu%n", &id, &end) != 1 || entry->d_name[end])
			continue;
		block = add_block(b, id);
		if (block)
			set_block(b, block, is_online(b, id));
		else
			b->unknown = true;
	}
	if (folder)
		closedir(folder);
}

void memory_blocks_free(struct memory_blocks *b)
{
	free(b->list);
	b->list = NULL;
	b->count = 0;
}
