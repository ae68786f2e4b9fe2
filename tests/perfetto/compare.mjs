// SPDX-License-Identifier: GPL-2.0-only
//
// Compare traces for Perfetto with the JSON Lines of the same runs: compare.mjs DIR TRACE...
// DIR has Perfetto's trace processor (tests/perfetto/package). The JSON of NAME.pftrace is NAME.jsonl.
// The output is TAP.
import fs from 'node:fs';
import { TraceProcessor } from './trace_processor.mjs';
import { ok, same, canonical, finish } from './tap.mjs';

// --- a run: its JSON Lines, and what the trace processor finds ---

// Return an argument as JSON has it.
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
function put(object, path, value)
{
	const parts = path.replace(/\[(\d+)\]/g, '.$1').split('.');
	let at = object;

	parts.forEach((part, i) => {
		if (i + 1 === parts.length)
			at[part] = value;
		else
			at = at[part] ??= /^\d+$/.test(parts[i + 1]) ? [] : {};
	});
}

async function argumentsOf(tp)
{
	const sets = new Map();

	for (const arg of await tp.query(`select arg_set_id, key, int_value, real_value, string_value, value_type from args`)) {
		if (!sets.has(arg.arg_set_id))
			sets.set(arg.arg_set_id, {});
		put(sets.get(arg.arg_set_id), arg.key.replace(/^debug\./, ''), argument(arg));
	}
	return sets;
}

async function load(dir, file)
{
	const tp = await TraceProcessor.open(dir, [fs.readFileSync(file)]);
	const json = fs.readFileSync(file.replace('.pftrace', '.jsonl'), 'utf8').split('\n').filter(Boolean)
		.map((line) => JSON.parse(line));
	const args = await argumentsOf(tp);
	const slices = await tp.query(`select s.id, to_monotonic(s.ts) as ts, to_realtime(s.ts) as wall, s.dur, s.category,
		s.name, s.arg_set_id, t.name as track, p.name as parent
		from slice s join track t on t.id = s.track_id left join track p on p.id = t.parent_id order by s.ts, s.id`);

	for (const slice of slices)
		slice.args = args.get(slice.arg_set_id) ?? {};
	return {
		tp, json, slices, start: json[0], summary: json.at(-1),
		of: (...categories) => slices.filter((s) => categories.includes(s.category)),
	};
}

// Make equal what means the same: an address of 0 is null in JSON, and an empty list has no arguments.
function comparable(object)
{
	return JSON.parse(JSON.stringify(object, (key, v) =>
		v === null || v === '0x0' ? 0 : Array.isArray(v) && !v.length ? undefined : v));
}

const textOf = (object) => canonical(comparable(object));

// --- the events ---

async function checkEvents({ tp, json, start, summary, of })
{
	const bad = await tp.query(`select name, idx, value from stats
		where severity in ('error', 'data_loss') and value > 0`);

	ok(start?.type === 'start' && summary?.type === 'summary', 'JSON has a start and a summary');
	ok(!bad.length, 'the statistics count no error, of clocks or anything else', ...bad);
	for (const type of ['node', 'structure', 'cache', 'finding', 'offline-failed', 'lost', 'start'])
		same(of(type).map((s) => comparable(s.args)),
			json.filter((o) => o.type === type).map(({ stack, freed_stack, ...o }) => comparable(o)),
			`each ${type} of JSON is an event, with its fields`);
	ok(of('start')[0]?.wall === start.wall_ns && of('start')[0]?.ts === start.time_ns, 'the clocks of the start',
		of('start'), start);
}

function checkPlaces({ of })
{
	const places = {
		node: ({ args }) => [`node ${args.node}`, 'slubnode-trace', args.event],
		structure: ({ args }) => [args.cache, `node ${args.node}`, args.event],
		cache: ({ args }) => ['caches', 'slubnode-trace', args.event],
		finding: ({ args }) => [args.comm === undefined ? 'canary' : `${args.comm}[${args.tid}]`, `node ${args.node}`,
			`${args.strength}: ${args.function || args.tier}`],
	};
	const moved = of('node', 'structure', 'cache', 'lost').filter((s) => s.ts !== s.args.time_ns);

	ok(!moved.length, 'events have the times of JSON', ...moved);
	for (const [category, place] of Object.entries(places)) {
		const wrong = of(category).filter((s) => canonical([s.track, s.parent, s.name]) !== canonical(place(s)));

		ok(!wrong.length, `${category}: the names, and the tracks below their parents`, ...wrong);
	}
}

// --- the slices: each lasts until the next event on its track ---

class Tracks {
	open = new Map();
	wrong = [];

	static key = ({ cache_address, node }) => cache_address ? `${cache_address} ${node}` : `${node}`;

	expect(slice, dur)
	{
		if (slice?.dur !== dur)
			this.wrong.push({ ...slice, wanted: dur });
	}

	end(key, time)
	{
		const slice = this.open.get(key);

		if (slice)
			this.expect(slice, time - slice.ts);
		this.open.delete(key);
	}

	endCache(o)
	{
		for (const key of [...this.open.keys()].filter((k) => k.startsWith(`${o.cache_address} `)))
			this.end(key, o.time_ns);
	}

	// Take an object of JSON, whose slice this is.
	take(o, slice)
	{
		const key = Tracks.key(o), before = this.open.get(key);

		// Of a structure that its pointer does not name any more, while it names another.
		if (['freed', 'leaked'].includes(o.event) && before && before.args.address !== o.address) {
			this.expect(slice, 0);
			return;
		}
		this.end(key, o.time_ns);
		this.open.set(key, slice);
	}
}

function checkSlices({ json, start, of })
{
	const tracks = new Tracks(), slicesOf = new Map();

	for (const s of of('node', 'structure'))
		slicesOf.set(textOf(s.args), [...slicesOf.get(textOf(s.args)) ?? [], s]);
	for (const s of of('present'))
		tracks.open.set(Tracks.key(s.args.cache ? s.args : { node: s.track.replace('node ', '') }), s);
	for (const o of json) {
		if (o.event === 'cache-destroyed')
			tracks.endCache(o);
		if (o.type === 'node' || o.type === 'structure')
			tracks.take(o, slicesOf.get(textOf(o))?.shift());
	}
	for (const slice of tracks.open.values())
		tracks.expect(slice, -1);
	ok(!tracks.wrong.length, 'each slice ends when the next begins', ...tracks.wrong);
	ok(of('present').filter((s) => s.args.cache).length === start.structures, 'the structures of the start', start);
	const wrong = of('finding').filter((s) => s.args.tier === 'window' &&
		(s.ts !== s.args.entered_ns || s.dur !== s.args.window_ns));
	ok(!wrong.length, 'a window is a slice', ...wrong);
}

// --- the counters ---

// Return what is held for a node after all events up to a time: structures and bytes.
function held({ json, of }, node, time)
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

async function checkCounters(run)
{
	const counters = await run.tp.query(`select t.name, p.name as parent, to_monotonic(c.ts) as ts, c.value
		from counter c join track t on t.id = c.track_id join track p on p.id = t.parent_id order by c.ts, c.id`);
	const last = (node, name) => counters.filter((c) => c.parent === `node ${node}` && c.name === name).at(-1)?.value;
	const wrong = counters.filter((c) =>
		c.value !== held(run, Number(c.parent.replace('node ', '')), c.ts)[c.name === 'held bytes' ? 1 : 0]);

	ok(counters.length >= 2 && !wrong.length, `the counters have what is held at their times (${counters.length})`,
		...wrong);
	for (const n of run.summary.nodes.filter((n) => last(n.node, 'held bytes') !== undefined))
		ok(last(n.node, 'held structures') === n.retained_now && last(n.node, 'held bytes') === n.retained_charged_bytes,
			`node ${n.node}: the last values are those of the summary (${n.retained_now})`, n);
}

// --- the stacks ---

async function checkStacks({ tp, json, slices, of })
{
	const callsites = await tp.query(`select c.id, c.parent_id, f.name from stack_profile_callsite c
		join stack_profile_frame f on f.id = c.frame_id`);
	const leaves = await tp.query('select slice_id, callsite_id from __intrinsic_track_event_callstacks');
	const flows = await tp.query('select slice_out, slice_in from flow');
	const stackOf = (slice) => {
		const stack = [];

		for (let id = leaves.find((l) => l.slice_id === slice?.id)?.callsite_id; id != null; ) {
			const site = callsites.find((c) => c.id === id);

			stack.push(site.name);
			id = site.parent_id;
		}
		return stack;
	};
	const freeOf = (slice) => {
		const flow = flows.find((f) => f.slice_out === slice.id || f.slice_in === slice.id);

		return slices.find((s) => flow && s.category === 'free' && [flow.slice_out, flow.slice_in].includes(s.id));
	};

	same(of('finding').map((s) => {
		const free = freeOf(s);

		return { time: s.args.time_ns, count: s.args.count, stack: stackOf(s), freed_ns: free?.ts, by: free?.args,
			freed_stack: stackOf(free) };
	}), json.filter((o) => o.type === 'finding').map((o) => ({
		time: o.time_ns, count: o.count, stack: o.stack, freed_ns: o.freed_by ? o.freed_ns : undefined, by: o.freed_by,
		freed_stack: o.freed_by ? o.freed_stack : [],
	})), 'each finding has its stack, and the free with its task and stack');
}

// --- the end ---

function checkEnd({ slices, summary, of })
{
	const [answer] = of('answer'), caveats = of('caveat');

	ok(answer && answer.name === summary.sentence && answer.ts === summary.time_ns &&
		answer.args.outcome === summary.outcome && answer.args.lost === summary.lost &&
		answer === slices.filter((s) => s.ts <= summary.time_ns).at(-1), 'the last event is the answer', answer);
	ok(caveats.every((s) => s.args.reason && s.args.hint) && (summary.outcome !== 'inconclusive' || caveats.length) &&
		(!summary.lost || caveats.some((s) => s.args.reason.includes('lost'))),
		`the reasons that make it inconclusive (${caveats.length})`, ...caveats);
}

const [dir, ...files] = process.argv.slice(2);

for (const file of files) {
	const run = await load(dir, file);

	console.log(`# ${file.replace(/.*\//, '')}`);
	await checkEvents(run);
	checkPlaces(run);
	checkSlices(run);
	await checkCounters(run);
	await checkStacks(run);
	checkEnd(run);
}
finish();
