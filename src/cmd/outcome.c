// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/outcome.h"

void outcome_make(struct outcome *o, const struct model *m, __u64 end_ns)
{
	const struct ledger_counts *counts = ledger_totals(model_ledger(m));

	o->end_ns = end_ns;
	o->found = counts->leaked || counts->dangling || counts->missing ||
		   findings_total(model_findings(m));
	model_caveats(m, &o->caveats);
}
