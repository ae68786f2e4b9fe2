/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plan: which kernel function serves which role, and how it is attached.
 * Made from the kernel's BTF and symbols, corrected by what really attaches;
 * never from a version number.
 */
#ifndef SLUBNODE_PLAN_H
#define SLUBNODE_PLAN_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "kernel/btf.h"
#include "kernel/kallsyms.h"

enum probe_role {
	ROLE_NOTIFIER, /* a node's memory comes and goes */
	ROLE_CREATE,   /* a cache is created */
	ROLE_RELEASE,  /* its structures are freed */
	ROLE_SHUTDOWN, /* it leaves the list of caches */
	ROLE_ALIAS,    /* another is merged into it */
	ROLE_DESTROY,  /* one of its users leaves */
	LIFETIME_ROLES,
	/* Accesses to freed structures: the cache's page, and the readers. */
	ROLE_NEW_SLAB = LIFETIME_ROLES,
	ROLE_READ_OBJECTS,
	ROLE_READ_SLABINFO,
	ROLE_READ_OOM,
	ROLE_READ_SHRINK,
	ROLE_READ_VALIDATE,
	ROLE_READ_LOCATIONS,
	ROLE_READ_ALLOC,
	ROLE_READ_REFILL,
	ROLE_READ_PARTIAL,
	ROLES,
};

/* When a role's programs, always attached, do anything. */
enum probe_when {
	WHEN_ALWAYS,  /* its function is cold */
	WHEN_REMOVAL, /* while a node's memory is going, or coming: it is hot */
	WHEN_FREED,   /* while anything is in the freed set: likewise */
};

enum probe_way {
	WAY_NONE,
	WAY_FENTRY, /* fentry/fexit, a BPF trampoline */
	WAY_KPROBE, /* kprobe/kretprobe */
	WAYS,
};

/* What the user lets us attach. */
enum attach {
	ATTACH_AUTO, /* whatever works; else look at intervals */
	ATTACH_FENTRY,
	ATTACH_KPROBE,
	ATTACH_NOTHING, /* look at intervals */
};

/* A role, as it stands now. */
struct probe {
	const struct probe_role_info *info;
	const struct candidate *candidate; /* NULL: none left */
	enum probe_way way;
	const char *symbol; /* the function, as the kernel spells it */
	char why[512];      /* why what was tried before did not do */
};

struct plan {
	const struct btf *btf;
	enum attach attach;
	struct kallsyms_symbol *symbols;      /* of all candidates */
	bool symbols_read;                    /* kallsyms could be read */
	bool hidden;                          /* and shows no addresses */
	__u64 slab_caches;                    /* address of the list's head, or 0 */
	__u64 page_offset_base, vmemmap_base; /* x86-64; 0: not known */
	bool iterator;                        /* BTF has iter/kmem_cache */
	bool detect;                          /* the roles behind LIFETIME_ROLES too */
	struct probe probes[ROLES];
	struct bpf_link *links[ROLES][2];
};

struct probe_role_info {
	const char *name;
	const char *gives; /* what is lost without it */
	bool needed;
	enum probe_when when;
};

/* detect: accesses to freed structures too. 0 or a negative errno. */
int plan_make(struct plan *plan, const struct btf *btf, const struct kernel_types *types,
	      enum attach attach, bool detect);

/* Have exactly the plan's programs loaded. */
int plan_select(const struct plan *plan, struct bpf_object *object);

/*
 * Attach the plan's programs. 0; or -EAGAIN: one did
 * not attach, the plan now says what to do instead, and the object has to be loaded anew; a program
 * of a role that nothing serves is left out.
 */
int plan_attach(struct plan *plan, struct bpf_object *object);

/*
 * The object did not load with fentry: what is left is kprobes, for the readers first. -ENOENT:
 * nothing is left.
 */
int plan_fall_back(struct plan *plan, int error);

void plan_detach(struct plan *plan);

/* Attach nothing after all. */
void plan_drop(struct plan *plan);
void plan_free(struct plan *plan);

/* The first role that is needed and that nothing serves, or NULL. */
const struct probe *plan_missing(const struct plan *plan);

/* The file descriptors of the programs of the roles from `first' to before `end'; how many. */
unsigned int plan_fds(const struct plan *plan, const struct bpf_object *object, unsigned int first,
		      unsigned int end, int fds[2 * ROLES]);

const char *probe_way_name(enum probe_way way);

#endif /* SLUBNODE_PLAN_H */
