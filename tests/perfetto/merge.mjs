// SPDX-License-Identifier: GPL-2.0-only
//
// Merge a trace for Perfetto with one of ftrace, as Perfetto records it: merge.mjs DIR TRACE
// ftrace has an event on CLOCK_BOOTTIME, 60 ns after node 1 began to go offline. The output is TAP.
import fs from 'node:fs';
import { TraceProcessor } from './trace_processor.mjs';
import { ok, finish } from './tap.mjs';

const [dir, traceFile] = process.argv.slice(2);

// --- the wire format of protocol buffers ---

function varint(value)
{
	const bytes = [];

	for (value = BigInt(value); value > 0x7fn; value >>= 7n)
		bytes.push(Number(value & 0x7fn) | 0x80);
	return [...bytes, Number(value)];
}
const number = (field, value) => [...varint(field << 3), ...varint(value)];
const message = (field, ...parts) => [...varint(field << 3 | 2), ...varint(parts.flat().length), ...parts.flat()];
const text = (field, value) => message(field, [...Buffer.from(value)]);

// --- the trace of ftrace ---

const own = fs.readFileSync(traceFile);
const alone = await TraceProcessor.open(dir, [own]);
const [going] = await alone.query(`select ts, to_monotonic(ts) as mono, to_realtime(ts) as wall from slice
	where name = 'going-offline' order by ts limit 1`);
const clock = (id, ns) => message(1, number(1, id), number(2, ns));
// The clocks, a second later, and the marker that a thread writes: it begins a slice.
const ftrace = Buffer.from([
	message(1, message(6, clock(1, going.wall + 1e9), clock(3, going.mono + 1e9), clock(6, going.ts + 1e9)), number(10, 1)),
	message(1, message(1, number(1, 0),
		message(2, number(1, going.ts + 60), number(2, 142), message(3, text(2, 'B|142|the task\n')))), number(10, 2)),
].flat());

for (const [order, parts] of [['behind', [own, ftrace]], ['before', [ftrace, own]]]) {
	const tp = await TraceProcessor.open(dir, parts);
	const bad = await tp.query(`select name, value from stats where severity in ('error', 'data_loss') and value > 0`);
	const events = await tp.query(`select name, ts from slice where name in ('going-offline', 'the task', 'offline')
		order by ts limit 3`);

	ok(!bad.length, `ftrace ${order} the trace: no error`, ...bad);
	ok(events.map((e) => e.name).join() === 'going-offline,the task,offline' && events[1].ts - events[0].ts === 60,
		`ftrace ${order} the trace: the events of both are in order`, ...events);
}
finish();
