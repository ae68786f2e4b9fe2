/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model: all facts about a run, and the conclusions from them. Records
 * (bpf/records.h) are the only way in; live tracing, a recording, unit tests and
 * fuzzing all use model_feed(). The model reads no clock, no kernel and no file, so
 * the same records give the same answer.
 */
#ifndef SLUBNODE_MODEL_H
#define SLUBNODE_MODEL_H

#include "base/filter.h"
#include "bpf/records.h"
#include "model/answer.h"
#include "model/caveats.h"
#include "model/changes.h"
#include "model/coverage.h"
#include "model/evidence.h"
#include "model/findings.h"
#include "model/ledger.h"
#include "model/offlines.h"

struct model;

/*
 * Called when something happens; NULL: not of interest. Pointers are valid during
 * the call only.
 */
struct model_observer {
	void *context;
	void (*session)(void *context, const struct session_record *r);
	void (*transition)(void *context, const struct transition *t);
	void (*finding)(void *context, const struct finding *f);
	void (*lost)(void *context, const struct lost_record *r);
	/* Called for each change of a node, after its transitions. */
	void (*change)(void *context, const struct node_change *c);
	/* Called when memory did not go offline. */
	void (*offline_failed)(void *context, const struct offline_failure *f);
};

/*
 * Create a model. Structures and findings that the filter rejects are neither counted
 * nor reported; the filter outlives the model. Returns NULL when out of memory.
 */
struct model *model_new(const struct filter *filter, const struct model_observer *observer);
void model_free(struct model *m);

/*
 * Take a record, as record_check() returned it. Returns 0, -EINVAL for a record that
 * the model has no use for, or -ENOMEM.
 */
int model_feed(struct model *m, const struct record *r);

/* Return the parts, valid as long as the model. */
struct ledger *model_ledger(const struct model *m);
const struct findings *model_findings(const struct model *m);
const struct evidence *model_evidence(const struct model *m);
const struct changes *model_changes(const struct model *m);
const struct coverage *model_coverage(const struct model *m);
const struct session_record *model_session(const struct model *m);

/* Return whether an access waits to be judged. */
bool model_waiting(const struct model *m);

/* Return when a RECORD_CLOCK has something to report, or ~0: nothing waits for one. */
__u64 model_next_ns(const struct model *m);

/* Return whether the last walk over all caches reached its end. */
bool model_walk_complete(const struct model *m);

/* Return whether the name of a cache, present or past, matches a pattern as in fnmatch(3). */
bool model_matches(const struct model *m, const char *glob);

/* Find the caveats of the session; after RECORD_END all of them are known. */
void model_caveats(const struct model *m, struct caveats *c);

/* Draw the conclusion of the session; after RECORD_END it is known. */
void model_answer(const struct model *m, struct answer *a);

/* The facts with which a view begins. */
struct facts {
	const struct session_record *session;
	unsigned int caches, structures;
	char nodes[256];             /* possible nodes, "0-3,8" */
	char memory[256];            /* those with memory that counts for structures */
	char movable[256];           /* those with movable memory only, "" none */
	char absent[256];            /* those without memory, "" none */
	char only[256];              /* those that the filter selects, "" all */
	const struct filter *filter; /* NULL: it selects all */
};

/* Fill in the facts that are known after the initial walk. */
void model_facts(const struct model *m, struct facts *f);

#endif /* SLUBNODE_MODEL_H */
