// SPDX-License-Identifier: GPL-2.0-only
// The JSON Lines of the run (slubnode-trace-json(5)) as what the page shows: rows of structures and
// their states, nodes, findings, and the held structures and bytes over time.

// The state of a structure; one that is worse has a greater number.
const ABSENT = 0, LIVE = 1, HELD = 2, LATE = 3, LEAKED = 4, MISSING = 5, DANGLING = 6;

const STATES = [
	{ name: 'absent', text: 'no structure' },
	{ name: 'live', text: 'in use', title: 'allocated, and its node has memory' },
	{ name: 'held', text: 'held', title: 'allocated, and its node has no memory' },
	{ name: 'late', text: 'held, late', title: 'allocated while its node had no memory' },
	{ name: 'leaked', text: 'leaked', title: 'never freed, and the cache no longer points to it' },
	{ name: 'missing', text: 'missing', title: 'the node has memory, and the cache has no structure for it' },
	{ name: 'dangling', text: 'dangling', title: 'freed, and the cache still points to it' },
];

const STATE_AFTER = {
	allocated: LIVE, retained: HELD, reused: LIVE, 'same-address': LIVE, freed: ABSENT,
	leaked: LEAKED, late: LATE, dangling: DANGLING, missing: MISSING,
};

const STRENGTHS = ['suspect', 'exposure', 'confirmed'];

// The memory of a node. Memory that is movable only counts for no structures.
const MEMORY = 0, GOING = 1, COMING = 2, NO_MEMORY = 3, MOVABLE = 4;
// The node has no memory that counts for structures.
const isWithout = (memory) => memory === NO_MEMORY || memory === MOVABLE;
const MEMORY_TEXT = ['has memory', 'going offline', 'going online', 'no memory', 'movable only'];

const MEMORY_AFTER = {
	'going-offline': GOING, offline: NO_MEMORY, 'cancel-offline': MEMORY,
	'going-online': COMING, online: MEMORY, 'cancel-online': NO_MEMORY,
};

// SLUB does nothing when movable memory changes: its end is what matters.
const MOVABLE_AFTER = {
	offline: NO_MEMORY, 'cancel-offline': MOVABLE, online: MOVABLE, 'cancel-online': NO_MEMORY,
};

function isHeld(state) {
	return state === HELD || state === LATE;
}

// Find the last point at or before a moment. Returns its index, or -1.
function pointBefore(points, t) {
	let low = 0, high = points.length;

	while (low < high) {
		const middle = (low + high) >> 1;

		if (points[middle].t <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

class Trace {
	constructor() {
		this.start = null;
		this.summary = null;
		this.events = [];
		this.unreadable = 0;
		this.lost = [];
		this.rows = new Map();
		this.nodes = new Map();
		this.findings = new Map();
		this.findingCount = 0;
		this.startNs = null;
	}

	// Read the lines. A page of a run that was cut off ends within a line, and has no summary.
	read(text) {
		for (let at = 0; at < text.length;) {
			let end = text.indexOf('\n', at);

			if (end < 0)
				end = text.length;
			if (end > at)
				this.readLine(text.slice(at, end));
			at = end + 1;
		}
		this.finish();
		return this;
	}

	readLine(line) {
		let object;

		try {
			object = JSON.parse(line);
		} catch {
			this.unreadable++;
			return;
		}
		if (!object || typeof object !== 'object') {
			this.unreadable++;
			return;
		}
		switch (object.type) {
		case 'start': this.readStart(object); break;
		case 'summary': this.summary = object; break;
		case 'node': this.readNode(object); break;
		case 'structure': this.readStructure(object); break;
		case 'cache':
		case 'offline-failed': this.addEvent(object); break;
		case 'lost': this.readLost(object); break;
		case 'finding': this.readFinding(object); break;
		default: this.unreadable++;
		}
	}

	seconds(ns) {
		if (this.startNs === null)
			this.startNs = ns;
		return (ns - this.startNs) / 1e9;
	}

	addEvent(object) {
		object.t = this.seconds(object.time_ns);
		this.events.push(object);
	}

	readStart(start) {
		const withMemory = new Set(nodeList(start.nodes_with_memory));
		const movable = new Set(nodeList(start.nodes_movable_only));

		this.start = start;
		this.startNs = start.time_ns;
		clock.wallMs = start.wall_ns / 1e6;
		for (const n of nodeList(start.nodes))
			this.node(n, withMemory.has(n) ? MEMORY : movable.has(n) ? MOVABLE : NO_MEMORY);
	}

	// Find a node, or add it.
	node(n, memory = MEMORY) {
		let node = this.nodes.get(n);

		if (!node) {
			node = { n, memory, changes: [], spans: [{ t: -Infinity, memory }], held: 0, bytes: 0,
				 heldAt: [] };
			this.nodes.set(n, node);
		}
		return node;
	}

	readNode(object) {
		const node = this.node(object.node);
		const memory = (object.movable_only ? MOVABLE_AFTER : MEMORY_AFTER)[object.event];

		this.addEvent(object);
		node.changes.push(object);
		if (memory === undefined)
			return;
		node.memory = memory;
		node.spans.push({ t: object.t, memory });
	}

	// Find the row of a cache and a node, or add it. Caches that follow each other under a name
	// share a row, and caches that exist at the same time do not.
	row(object) {
		const key = `${object.node} ${object.cache}`;
		const own = `${key} ${object.cache_address}`;
		let row = this.rows.get(own) || this.rows.get(key);

		if (row && row.address !== object.cache_address) {
			if (row.state === ABSENT)
				row.address = object.cache_address;
			else
				row = null;
		}
		if (!row) {
			row = { node: object.node, cache: object.cache, address: object.cache_address,
				label: object.cache || '(not known)', state: null, spans: [], marks: [], worst: 0,
				bytes: 0 };
			if (this.rows.has(key))
				row.label += ` (${object.cache_address})`;
			this.rows.set(this.rows.has(key) ? own : key, row);
			this.node(object.node);
		}
		return row;
	}

	// The state before the first event of a row.
	stateBefore(object) {
		switch (object.event) {
		case 'retained': return LIVE;
		case 'reused':
		case 'same-address': return HELD;
		case 'freed':
		case 'leaked':
		case 'dangling':
			return object.cause !== 'offline' && isWithout(this.node(object.node).memory) ?
				HELD : LIVE;
		default: return ABSENT;
		}
	}

	readStructure(object) {
		const row = this.row(object);
		const state = STATE_AFTER[object.event];

		this.addEvent(object);
		if (state === undefined)
			return;
		if (row.state === null) {
			row.state = this.stateBefore(object);
			row.spans.push({ t: -Infinity, state: row.state });
			row.bytes = isHeld(row.state) ? object.charged_bytes : 0;
		}
		object.row = row;
		this.count(this.node(object.node), row, state, object);
		row.state = state;
		row.spans.push({ t: object.t, state, event: object });
		row.worst = Math.max(row.worst, state);
	}

	// Add up what a node holds.
	count(node, row, state, object) {
		const before = isHeld(row.state), after = isHeld(state);

		if (before === after)
			return;
		if (after)
			row.bytes = object.charged_bytes;
		node.held += after ? 1 : -1;
		node.bytes += after ? row.bytes : -row.bytes;
		node.heldAt.push({ t: object.t, held: node.held, bytes: node.bytes });
	}

	readLost(object) {
		this.addEvent(object);
		this.lost.push(object);
	}

	readFinding(object) {
		const key = [object.tier, object.strength, object.function, object.source, object.cache,
			     object.node, object.comm].join('\n');
		let group = this.findings.get(key);

		this.addEvent(object);
		this.findingCount++;
		if (!group) {
			group = { first: object, last: object, count: 0 };
			this.findings.set(key, group);
		}
		group.count++;
		group.last = object;
		object.group = group;
		object.row = this.row(object);
		object.row.marks.push(object);
	}

	// Turn what each node held relative to the start into what it held: the summary has the end.
	finish() {
		this.events.sort((a, b) => a.t - b.t);
		this.end = this.summary ? this.seconds(this.summary.time_ns) : 0;
		for (const event of this.events)
			this.end = Math.max(this.end, event.t);
		clock.longest = this.end;
		this.first = Math.min(0, this.events.length ? this.events[0].t : 0);
		for (const counts of this.summary ? this.summary.nodes : [])
			this.finishMemory(counts);
		for (const node of this.nodes.values())
			this.finishNode(node);
		for (const row of this.rows.values())
			row.marks.sort((a, b) => a.t - b.t);
	}

	// A node may keep movable memory when its other memory goes offline; only the summary has this.
	finishMemory(counts) {
		const memory = counts.has_memory ? MEMORY : counts.movable_only ? MOVABLE : NO_MEMORY;
		const node = this.node(counts.node, memory);

		node.counts = counts;
		if (node.memory === NO_MEMORY && memory === MOVABLE)
			node.memory = node.spans[node.spans.length - 1].memory = MOVABLE;
	}

	finishNode(node) {
		const counts = node.counts;
		const offset = counts ? counts.retained_now - node.held : this.lowest(node, 'held');
		const bytes = counts ? counts.retained_charged_bytes - node.bytes : this.lowest(node, 'bytes');

		node.held += offset;
		node.bytes += bytes;
		node.heldAt.unshift({ t: this.first, held: 0, bytes: 0 });
		for (const point of node.heldAt) {
			point.held = Math.max(0, point.held + offset);
			point.bytes = Math.max(0, point.bytes + bytes);
		}
		node.heldAt.push({ t: this.end, held: node.held, bytes: node.bytes });
		node.mostHeld = node.heldAt.reduce((most, point) => Math.max(most, point.held), 0);
	}

	// Without a summary: the least that a node must have held at the start.
	lowest(node, name) {
		return -node.heldAt.reduce((least, point) => Math.min(least, point[name]), 0);
	}

	// Compare the events with the counts of the summary: a slow reader of the output misses lines.
	missingEvents() {
		const seen = {}, missing = [];

		for (const event of this.events)
			if (event.type === 'structure')
				seen[event.event] = (seen[event.event] || 0) + 1;
		for (const name of this.summary ? Object.keys(STATE_AFTER) : []) {
			const counted = this.summary.total[name.replace('-', '_')];

			if (counted > (seen[name] || 0))
				missing.push(`The run counted ${plural(counted, 'structure')} ${name}; the page has ${numberText(seen[name] || 0)} of them.`);
		}
		return missing;
	}

	get lostCount() {
		const reported = this.lost.reduce((sum, object) => sum + object.count, 0);

		return Math.max(reported, this.summary ? this.summary.lost : 0);
	}

	// The rows of each node; what is unusual comes first.
	rowsOf(n) {
		const rows = [...this.rows.values()].filter((row) => row.node === n);

		return rows.sort((a, b) =>
			(b.marks.length > 0) - (a.marks.length > 0) ||
			(b.worst > LATE) - (a.worst > LATE) ||
			a.label.localeCompare(b.label, 'en'));
	}

	get sortedNodes() {
		return [...this.nodes.values()].sort((a, b) => a.n - b.n);
	}
}
