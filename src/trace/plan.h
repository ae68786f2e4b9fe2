/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plan: the kernel function that each role is attached to, and the way. It is made from the
 * kernel's BTF and symbols and corrected by what really attaches; no version number decides.
 */
#ifndef SLUBNODE_PLAN_H
#define SLUBNODE_PLAN_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "bpf/records.h"
#include "kernel/btf.h"
#include "kernel/kallsyms.h"

enum probe_role {
	ROLE_NOTIFIER, /* a node's memory goes offline or comes online */
	ROLE_CREATE,   /* a cache is created */
	ROLE_RELEASE,  /* the structures of a cache are freed */
	ROLE_SHUTDOWN, /* a cache leaves the list of caches */
	ROLE_ALIAS,    /* a cache is merged into another */
	ROLE_DESTROY,  /* a user of a merged cache drops it */
	ROLE_OFFLINE,  /* memory does not go offline */
	LIFETIME_ROLES,
	/* Roles of the detection: new pages of kmem_cache_node, and the readers. */
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

/* When the programs of a role do their work; they are attached all the time. */
enum probe_when {
	WHEN_ALWAYS,  /* the function is cold */
	WHEN_REMOVAL, /* while a node's memory goes offline or comes online: the function is hot */
	WHEN_FREED,   /* while the freed set has a member: the function is hot */
};

enum probe_way {
	WAY_NONE,
	WAY_FENTRY,  /* fentry and fexit, by a BPF trampoline */
	WAY_KPROBE,  /* kprobe and kretprobe */
	WAY_SESSION, /* kprobe session: one program at both, one link for several functions */
	WAYS,
};

/* The ways of attaching that the user permits. */
enum attach {
	ATTACH_AUTO, /* any way that works; poll if a needed role has none */
	ATTACH_FENTRY,
	ATTACH_KPROBE,
	ATTACH_SESSION,
	ATTACH_NOTHING, /* poll */
};

/* The current choice for a role. */
struct probe {
	const struct probe_role_info *info;
	const struct candidate *candidate; /* NULL: nothing can be attached */
	enum probe_way way;
	const char *symbol; /* the function, as the kernel spells it */
	__u64 address;      /* 0: not known */
	__u64 cookie;       /* enum lifetime_function or enum reader */
	char why[512];      /* why the candidates before it were refused */
};

struct plan {
	const struct btf *btf;
	enum attach attach;
	struct kallsyms_symbol *symbols;      /* of all candidates, then of data */
	bool symbols_read;                    /* the kernel's symbols could be looked up */
	bool hidden;                          /* the kernel hides their addresses */
	__u64 slab_caches;                    /* the list of caches; 0: not known */
	__u64 page_offset_base, vmemmap_base; /* x86-64; 0: not known */
	__u64 per_cpu_offset;                 /* __per_cpu_offset; 0: not known */
	bool preemption;                      /* CONFIG_PREEMPTION: preempt_schedule() exists */
	bool iterator;                        /* the kernel has iter/kmem_cache */
	bool skips;                           /* trampolines skip a program that is running */
	bool counts_missed;                   /* the kernel counts calls that kprobes missed */
	bool cookies;                         /* links of kprobes have cookies */
	int session_kfuncs[SESSION_KFUNCS];   /* ids in BTF; 0: there are no kprobe sessions */
	bool few_returns;                     /* a session has few return addresses */
	bool detect;                          /* the roles from LIFETIME_ROLES on, too */
	struct probe probes[ROLES];
	const struct bpf_program *programs[ROLES][2]; /* of the object of plan_select() */
	struct bpf_link *links[ROLES][2];
	struct kprobe_session *sessions[ROLES]; /* roles share them */
};

struct probe_role_info {
	const char *name;
	const char *shows; /* the events that only this role shows */
	bool needed;       /* without it only polling is possible */
	enum probe_when when;
};

/* Want the BTF of all candidates. Returns 0 or -ENOMEM. */
int plan_want(struct btf_subset *wanted);

/*
 * Choose a candidate for each role, and with `detect' for the roles of the detection, too.
 * Returns 0 or a negative errno.
 */
int plan_make(struct plan *plan, const struct btf *btf, const struct kernel_types *types,
	      enum attach attach, bool detect);

/* Let exactly the plan's programs be loaded. Returns 0, or -ENOENT if the object lacks one. */
int plan_select(struct plan *plan, struct bpf_object *object);

/*
 * Let the programs of hot readers go on as those of cold ones, once the object is loaded; `programs'
 * is the map cold_programs. Returns 0 or a negative errno.
 */
int plan_join(const struct bpf_object *object, const struct bpf_map *programs);

/*
 * Attach the plan's programs. Where one does not attach, the role's next candidate is chosen, or
 * none. Returns 0, or -EAGAIN if the plan has changed and the object has to be loaded again.
 */
int plan_attach(struct plan *plan);

/*
 * Choose the next candidate of a role, because the present one does not attach, by `err'. Its
 * programs are not loaded yet: the role has none until plan_select().
 */
void plan_next(struct plan *plan, unsigned int role, int err);

/*
 * Replace kprobe sessions, and then fentry, because the object does not load: first for the roles
 * of the detection, then for all. Returns 0, or -ENOENT if nothing is left to replace.
 */
int plan_fall_back(struct plan *plan, int error);

/* Let the kernel remove the links after they are closed; `bpffs' is of late_detach_begin(). */
void plan_keep(const struct plan *plan, int bpffs);

void plan_detach(struct plan *plan);

/* Detach everything and clear the choices. */
void plan_drop(struct plan *plan);
void plan_free(struct plan *plan);

/* Return the number of arguments that BTF has for the function of a role; 0: not known. */
unsigned int plan_arguments(const struct plan *plan, enum probe_role role);

/* Return the first role that is needed and has no candidate, or NULL. */
const struct probe *plan_missing(const struct plan *plan);

/*
 * Collect the file descriptors of the programs of the roles from `first' to before `end', each
 * once. Returns their number.
 */
unsigned int plan_fds(const struct plan *plan, unsigned int first, unsigned int end,
		      int fds[2 * ROLES]);

/*
 * Count the calls of kprobes and of kprobe sessions of the roles from `first' to before `end' that
 * the kernel missed: an interrupt came while a kprobe was handled on the CPU, or all return
 * addresses were in use. A session that has other roles, too, counts as a whole.
 */
__u64 plan_missed(const struct plan *plan, unsigned int first, unsigned int end);

const char *probe_way_name(enum probe_way way);

#endif /* SLUBNODE_PLAN_H */
