// SPDX-License-Identifier: GPL-2.0-only
//
// Print the rows of queries of Perfetto's trace processor as JSON Lines: query.mjs DIR TRACE SQL...
import fs from 'node:fs';
import { TraceProcessor } from './trace_processor.mjs';

const [dir, trace, ...queries] = process.argv.slice(2);
const tp = await TraceProcessor.open(dir, [fs.readFileSync(trace)]);

for (const sql of queries)
	for (const row of await tp.query(sql))
		console.log(JSON.stringify(row, (key, v) => typeof v === 'bigint' ? Number(v) : v));
process.exit(0);
