/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole model below the fake kernel (fake_kernel.h): its records go into model_feed(), as
 * those of a session do. A test includes this file, and its observer is `observer'.
 */
#ifndef FAKE_MODEL_H
#define FAKE_MODEL_H

#include "fake_kernel.h"
#include "model/model.h"

static struct model *m;
static struct filter filter;
static struct model_observer observer;
static struct session_record session;

static inline int into_model(const struct record *e, size_t len)
{
	const struct record *r = record_check(e, len);

	assert_non_null(r);
	return model_feed(m, r);
}

/* Boot a kernel and begin a session that has seen nothing yet. */
static inline void begin(enum generation g, int nodes)
{
	m = model_new(&filter, &observer);
	assert_non_null(m);
	boot_into(model_ledger(m), g, nodes);
	fake_feed = into_model;
	session.layout.size = 64;
	session.head.time_ns = k.now;
	snprintf(session.kernel, sizeof(session.kernel), "6.12.0");
	feed(&session.head, RECORD_SESSION, sizeof(session));
}

/* End a turn of the session. */
static inline void turn(void)
{
	struct record e = {};

	feed(&e, RECORD_CLOCK, sizeof(e));
}

static inline void finish(void)
{
	struct end_record e = {};

	verify();
	turn();
	feed(&e.head, RECORD_END, sizeof(e));
}

static inline int model_setup(void **state __attribute__((unused)))
{
	memset(&session, 0, sizeof(session));
	memset(&observer, 0, sizeof(observer));
	return 0;
}

static inline int model_teardown(void **state __attribute__((unused)))
{
	fake_feed = NULL;
	model_free(m);
	m = NULL;
	free(k.journal);
	memset(&k, 0, sizeof(k));
	filter_free(&filter);
	memset(&filter, 0, sizeof(filter));
	return 0;
}

#endif /* FAKE_MODEL_H */
