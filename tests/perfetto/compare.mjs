// SPDX-License-Identifier: GPL-2.0-only
//
// Compare a trace for Perfetto with the JSON Lines of the same run: compare.mjs DIR TRACE JSON
// DIR has Perfetto's trace processor (tests/perfetto/package). The output is TAP.
import fs from 'node:fs';
import path from 'node:path';
import { TraceProcessor } from './trace_processor.mjs';

const [dir, traceFile, jsonFile] = process.argv.slice(2);
const name = path.basename(traceFile, '.pftrace');
let tests = 0, failures = 0;

function ok(passed, what, ...details)
{
	console.log(`${passed ? '' : 'not '}ok ${++tests} - ${name}: ${what}`);
	failures += !passed;
	for (const detail of passed ? [] : details.slice(0, 5))
		console.log(`# ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
}

// Compare two lists, and show the first elements in which they differ.
function same(found, wanted, what)
{
	const texts = [found, wanted].map((list) => list.map((e) => canonical(e)));
	const lacks = texts[1].filter((e) => !texts[0].includes(e));
	const more = texts[0].filter((e) => !texts[1].includes(e));

	ok(found.length === wanted.length && !lacks.length && !more.length,
		`${what} (${wanted.length})`, `${found.length} of ${wanted.length}`,
		...lacks.slice(0, 2).map((e) => `lacks ${e}`), ...more.slice(0, 2).map((e) => `has ${e}`));
}

// Return the text of a value, with the keys of objects in order.
function canonical(value)
{
	return JSON.stringify(value, (key, v) => v && typeof v === 'object' && !Array.isArray(v) ?
		Object.fromEntries(Object.entries(v).sort()) : v);
}

// An argument as JSON has it. Addresses are null in JSON if there is none.
function argument({ value_type, int_value, real_value, string_value })
{
	switch (value_type) {
	case 'pointer': return `0x${BigInt.asUintN(64, BigInt(int_value)).toString(16)}`;
	case 'bool': return Boolean(int_value);
	case 'real': return real_value;
	case 'null': return null;
	case 'string': return string_value;
	default: return Number(int_value);
	}
}

// Put a value into an object at a path such as changes[0].field.
function put(object, keys, value)
{
	const parts = keys.replace(/\[(\d+)\]/g, '.$1').split('.');
	let at = object;

	parts.forEach((part, i) => {
		if (i + 1 === parts.length)
			at[part] = value;
		else
			at = at[part] ??= /^\d+$/.test(parts[i + 1]) ? [] : {};
	});
}

// Make what is the same in both look the same: an address that JSON has as null, an empty list.
function comparable(object)
{
	return JSON.parse(JSON.stringify(object, (key, v) =>
		v === null || v === '0x0' ? 0 : Array.isArray(v) && !v.length ? undefined : v));
}

const tp = await TraceProcessor.open(dir, [fs.readFileSync(traceFile)]);
const json = fs.readFileSync(jsonFile, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));
const start = json[0], summary = json.at(-1);

// --- what the trace processor found ---

const args = new Map();
for (const arg of await tp.query('select arg_set_id, key, int_value, real_value, string_value, value_type from args')) {
	if (!args.has(arg.arg_set_id))
		args.set(arg.arg_set_id, {});
	put(args.get(arg.arg_set_id), arg.key.replace(/^debug\./, ''), argument(arg));
}

const slices = await tp.query(`select s.id, to_monotonic(s.ts) as ts, to_realtime(s.ts) as wall, s.dur,
	s.category, s.name, s.arg_set_id, t.name as track, p.name as parent
	from slice s join track t on t.id = s.track_id left join track p on p.id = t.parent_id order by s.ts, s.id`);
for (const slice of slices)
	slice.args = args.get(slice.arg_set_id) ?? {};
const of = (...categories) => slices.filter((s) => categories.includes(s.category));

ok(start?.type === 'start' && summary?.type === 'summary', 'JSON has a start and a summary');
const bad = await tp.query(`select name, idx, value from stats where severity in ('error', 'data_loss') and value > 0`);
ok(!bad.length, 'the statistics count no error, of clocks or anything else', ...bad);

// --- the events ---

const types = { node: 'node', structure: 'structure', cache: 'cache', finding: 'finding', lost: 'lost', start: 'start' };
for (const [type, category] of Object.entries(types)) {
	const wanted = json.filter((o) => o.type === type).map(({ stack, freed_stack, ...o }) => comparable(o));

	same(of(category).map((s) => comparable(s.args)), wanted, `each ${type} of JSON is an event, with its fields`);
}

const misplaced = of('node', 'structure', 'cache', 'lost').filter((s) => s.ts !== s.args.time_ns);
ok(!misplaced.length, 'events have the times of JSON', ...misplaced);
const tracks = {
	node: (s) => [`node ${s.args.node}`, 'slubnode-trace', s.args.event],
	structure: (s) => [s.args.cache, `node ${s.args.node}`, s.args.event],
	cache: (s) => ['caches', 'slubnode-trace', s.args.event],
	finding: (s) => [s.args.comm === undefined ? 'canary' : `${s.args.comm}[${s.args.tid}]`, `node ${s.args.node}`,
		`${s.args.strength}: ${s.args.function || s.args.tier}`],
};
for (const [category, wanted] of Object.entries(tracks)) {
	const wrong = of(category).filter((s) => canonical([s.track, s.parent, s.name]) !== canonical(wanted(s)));

	ok(!wrong.length, `${category}: names, and tracks below their parents`, ...wrong);
}
ok(of('start')[0]?.wall === start.wall_ns && of('start')[0]?.ts === start.time_ns,
	'the wall clock of the start', of('start'), start);

// --- the slices: each lasts until the next event on its track ---

const open = new Map(), wrongEnds = [];
const key = (o) => o.type === 'node' ? `${o.node}` : `${o.cache_address} ${o.node}`;
// The slices of an object, in the order of JSON.
const slicesOf = new Map();
for (const s of of('node', 'structure')) {
	const text = canonical(comparable(s.args));

	slicesOf.set(text, [...slicesOf.get(text) ?? [], s]);
}
const end = (k, time) => {
	const slice = open.get(k);

	if (slice && slice.dur !== time - slice.ts)
		wrongEnds.push({ ...slice, wanted: time - slice.ts });
	open.delete(k);
};
for (const s of of('present'))
	open.set(s.args.cache_address ? `${s.args.cache_address} ${s.args.node}` : s.track.replace('node ', ''), s);
for (const o of json) {
	if (o.type === 'cache' && o.event === 'cache-destroyed')
		for (const k of [...open.keys()].filter((k) => k.startsWith(`${o.cache_address} `)))
			end(k, o.time_ns);
	if (o.type !== 'node' && o.type !== 'structure')
		continue;
	const slice = slicesOf.get(canonical(comparable(o)))?.shift();
	const before = open.get(key(o));

	if (before && ['freed', 'leaked'].includes(o.event) && before.args.address !== o.address) {
		if (slice?.dur !== 0)
			wrongEnds.push({ ...slice, wanted: 0 });
		continue;
	}
	end(key(o), o.time_ns);
	if (slice)
		open.set(key(o), slice);
}
for (const slice of open.values())
	if (slice.dur !== -1)
		wrongEnds.push({ ...slice, wanted: -1 });
ok(!wrongEnds.length, 'each slice ends when the next begins', ...wrongEnds);
ok(of('present').filter((s) => s.args.cache).length === start.structures, 'the structures of the start', start,
	of('present').length);
ok(of('finding').filter((s) => s.args.tier === 'window')
	.every((s) => s.ts === s.args.entered_ns && s.dur === s.args.window_ns), 'a window is a slice');

// --- the counters ---

const counters = await tp.query(`select t.name, p.name as parent, to_monotonic(c.ts) as ts, c.value
	from counter c join track t on t.id = c.track_id join track p on p.id = t.parent_id order by c.ts, c.id`);
// What is held for a node after all events up to a time.
function held(node, time)
{
	const structures = new Map(of('present').filter((s) => s.args.node === node && s.name === 'retained')
		.map((s) => [s.args.cache_address, s.args.charged_bytes]));

	for (const o of json.filter((o) => o.type === 'structure' && o.node === node && o.time_ns <= time)) {
		if (['retained', 'late'].includes(o.event))
			structures.set(o.cache_address, o.charged_bytes);
		else
			structures.delete(o.cache_address);
	}
	return [structures.size, [...structures.values()].reduce((a, b) => a + b, 0)];
}
const wrongValues = [];
for (const c of counters) {
	const wanted = held(Number(c.parent.replace('node ', '')), c.ts)[c.name === 'held bytes' ? 1 : 0];

	if (c.value !== wanted)
		wrongValues.push({ ...c, wanted });
}
ok(counters.length >= 2 && !wrongValues.length, `the counters have what is held at their times (${counters.length})`,
	...wrongValues);
for (const node of summary.nodes.filter((n) => counters.some((c) => c.parent === `node ${n.node}`))) {
	const last = (counter) => counters.filter((c) => c.parent === `node ${node.node}` && c.name === counter).at(-1)?.value;

	ok(last('held structures') === node.retained_now && last('held bytes') === node.retained_charged_bytes,
		`node ${node.node}: the last values are those of the summary (${node.retained_now})`,
		[last('held structures'), last('held bytes'), node]);
}

// --- the stacks ---

const callsites = await tp.query(`select c.id, c.parent_id, f.name from stack_profile_callsite c
	join stack_profile_frame f on f.id = c.frame_id`);
const leaves = await tp.query('select slice_id, callsite_id from __intrinsic_track_event_callstacks');
const flows = await tp.query('select slice_out, slice_in from flow');
function stackOf(slice)
{
	const stack = [];

	for (let id = leaves.find((l) => l.slice_id === slice?.id)?.callsite_id; id != null; ) {
		const site = callsites.find((c) => c.id === id);

		stack.push(site.name);
		id = site.parent_id;
	}
	return stack;
}
function freeOf(slice)
{
	const flow = flows.find((f) => f.slice_out === slice.id || f.slice_in === slice.id);

	return slices.find((s) => flow && s.category === 'free' && [flow.slice_out, flow.slice_in].includes(s.id));
}
const found = of('finding').map((s) => {
	const free = freeOf(s);

	return { time: s.args.time_ns, count: s.args.count, stack: stackOf(s), freed: stackOf(free),
		freed_ns: free ? free.ts : 0, by: free?.args ?? 0 };
});
same(found, json.filter((o) => o.type === 'finding').map((o) => ({ time: o.time_ns, count: o.count, stack: o.stack,
	freed: o.freed_by ? o.freed_stack : [], freed_ns: o.freed_by ? o.freed_ns : 0, by: o.freed_by ?? 0 })),
	'each finding has its stack, and the free with its task and stack');

// --- the end ---

const [answer] = of('answer');
ok(of('answer').length === 1 && answer.name === summary.sentence && answer.ts === summary.time_ns &&
	answer.args.outcome === summary.outcome && answer.args.lost === summary.lost &&
	answer === slices.filter((s) => s.ts <= summary.time_ns).at(-1), 'the last event is the answer', answer);
const caveats = of('caveat');
ok(caveats.every((s) => s.args.reason && s.args.hint) && (summary.outcome !== 'inconclusive' || caveats.length) &&
	(!summary.lost || caveats.some((s) => s.args.reason.includes('lost'))),
	`the reasons that make it inconclusive (${caveats.length})`, ...caveats);
console.log(`1..${tests}`);
process.exit(failures ? 1 : 0);
