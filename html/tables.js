// SPDX-License-Identifier: GPL-2.0-only
// The tables: nodes, caches, events, and the coverage.

const COUNTS = [
	['Allocated', 'allocated'], ['Retained', 'retained', 'its node lost its memory, and the structure stayed'],
	['Late', 'late', 'allocated while its node had no memory'],
	['Reused', 'reused', 'its node is back, and the cache uses the same structure'],
	['Same address', 'same_address', 'as reused, but a free in between cannot be excluded'],
	['Freed', 'freed'], ['Leaked', 'leaked', 'never freed, and no pointer is left'],
	['Dangling', 'dangling', 'freed, and the cache still points to it'],
	['Missing', 'missing', 'the node has memory, and the cache has no structure for it'],
	['In use now', 'live_now'], ['Held now', 'retained_now', 'allocated for a node without memory'],
];

function countColumns() {
	return [
		...COUNTS.map(([name, key, title]) => countColumn(name, title, (row) => row[key])),
		countColumn('Held bytes', 'the sizes of the slab objects', (row) => row.retained_charged_bytes, bytesText),
		countColumn('Leaked bytes', '', (row) => row.leaked_charged_bytes, bytesText),
	];
}

function putNodes(trace, element) {
	const rows = trace.summary ? trace.summary.nodes : [];
	const columns = [
		{ name: 'Node', num: true, always: true, value: (row) => row.node, text: (row) => String(row.node) },
		{ name: 'Memory', value: (row) => row.has_memory, text: (row) => row.has_memory ? 'yes' :
			row.movable_only ? 'movable only' : 'none' },
		countColumn('Offlines', 'removals', (row) => row.offlines),
		countColumn('Onlines', '', (row) => row.onlines),
		countColumn('Cancelled', 'removals and additions', (row) => row.cancelled_offlines + row.cancelled_onlines),
		...countColumns(),
	];

	element.append(trace.summary ? addTable({
		id: 'nodes-table', caption: 'Nodes', rows, columns: usedColumns(columns, rows),
	}).element : noSummary());
}

function noSummary() {
	return make('p.box.bad', null, 'The page ends before the run did, and has no counts.');
}

function putCaches(trace, element) {
	const rows = trace.summary ? trace.summary.caches : [];
	const columns = [
		{ name: 'Cache', value: (row) => row.cache, text: (row) => row.cache + (row.destroyed ? ' (destroyed)' : '') },
		countColumn('Object size', 'bytes', (row) => row.object_size),
		{ ...countColumn('Aliases', 'merged caches', (row) => row.aliases), minor: true },
		...countColumns(),
	];
	const used = usedColumns(columns, rows);
	const sort = Math.max(0, used.findIndex((column) => ['Dangling', 'Leaked', 'Missing', 'Held now'].includes(column.name)));

	element.append(trace.summary ? addTable({
		id: 'caches-table', caption: 'Caches', rows, columns: used, sort, descending: sort > 0,
	}).element : noSummary());
}

// The blocks of a failed offline: ': block 40', or ': blocks 40 to 42'.
function blocksText(event) {
	if (event.first_block === undefined)
		return '';
	return event.first_block === event.last_block ? `: block ${event.first_block}`
		: `: blocks ${event.first_block} to ${event.last_block}`;
}

function eventWhat(event) {
	if (event.type === 'finding')
		return findingHead(event);
	if (event.type === 'lost')
		return `${plural(event.count, 'event')} lost`;
	if (event.type === 'offline-failed')
		return `offline failed${blocksText(event)} (error ${event.error})`;
	return (event.event || event.type) + (event.alias ? ` (${event.alias})` : '') +
		(event.error ? ` (error ${event.error})` : '') + (event.movable_only ? ' (movable memory)' : '');
}

function eventTask(event) {
	return event.comm === undefined ? '' : `${event.comm}[${event.pid}]`;
}

function putEvents(trace, element, actions) {
	const columns = [
		{ ...timeColumn(), cell: (row) => make('button.link', {
			type: 'button', title: 'Show in the timeline', onclick: () => actions.show(row),
		}, timeText(row.t)) },
		{ name: 'Event', value: eventWhat, text: eventWhat, cell: (row) => eventCell(row) },
		{ name: 'Node', num: true, always: true, value: (row) => row.node ?? -1, text: (row) => String(row.node ?? '') },
		{ name: 'Cache', value: (row) => row.cache ?? '', text: (row) => row.cache ?? '' },
		{ name: 'Cause', minor: true, value: (row) => row.cause ?? '', text: (row) => row.cause ?? '' },
		{ name: 'Bytes', num: true, minor: true, value: (row) => row.charged_bytes ?? 0,
		  text: (row) => row.charged_bytes ? numberText(row.charged_bytes) : '' },
		{ name: 'Structure', minor: true, value: (row) => row.address ?? '', text: (row) => row.address ?? '' },
		{ name: 'Task', value: eventTask, text: eventTask },
	];

	element.append(make('p.note', null, 'The timeline as a table. A time leads to its place in the timeline.'));

	const table = addTable({ id: 'events-table', caption: 'Events', rows: trace.events, columns });

	element.append(table.element);
	return table;
}

function eventCell(event) {
	if (event.type === 'finding')
		return strengthBadge(event.strength);
	if (event.type === 'lost')
		return make('span.badge.confirmed', null, eventWhat(event));
	return make('span', null, eventWhat(event));
}

/* --- coverage --- */

const TIER_TEXT = {
	call: 'functions of SLUB that are called with a freed structure',
	window: 'readers without a lock, from entry to return',
	watchpoint: 'loads and stores, by the debug registers of the CPUs',
	canary: 'the bytes of freed structures, compared with copies',
};

function tierFigures(name, tier) {
	switch (name) {
	case 'window':
		return [`${plural(tier.readers, 'reader')} timed`,
			`allocation paths for ${durationText(tier.armed_ns / 1e9)} during ${plural(tier.armings, 'change')} of a node's memory`,
			tier.lost && `${numberText(tier.lost)} found no room`, tier.skipped && `${numberText(tier.skipped)} skipped by the kernel`];
	case 'watchpoint':
		return [tier.freed_word_ns ? `${shareText(tier.coverage)} of the time of the freed words watched` : 'nothing to watch was freed',
			`${plural(tier.registers, 'word')} at a time on ${plural(tier.cpus, 'CPU')}, ${plural(tier.turns, 'turn')}`,
			plural(tier.hits, 'hit'), tier.own && `${numberText(tier.own)} by the tool itself`,
			tier.ambiguous && `${numberText(tier.ambiguous)} of addresses that were allocated meanwhile`,
			tier.cpus_unwatched && `${plural(tier.cpus_unwatched, 'CPU')} did not watch for ${durationText(tier.unwatched_ns / 1e9)}`,
			tier.lost && `${plural(tier.lost, 'access', 'accesses')} lost`];
	case 'canary':
		return [plural(tier.looks, 'sweep'), `${plural(tier.compared, 'structure')} compared`,
			tier.blind && `${numberText(tier.blind)} read again`, tier.skipped && `${numberText(tier.skipped)} skipped`];
	default: return [];
	}
}

function putTiers(detection) {
	const item = (name) => {
		const tier = detection[name];
		const state = !tier.available ? 'bad' : tier.limits ? 'warn' : 'calm';
		const word = { bad: 'not at work', warn: 'limited', calm: 'at work' }[state];
		const texts = tier.available ? tierFigures(name, tier).filter(Boolean) : [];

		return make('div.tier', null,
			make('h3', null, name, ' ', make(`span.state.${state}`, null,
				make('span', { 'aria-hidden': 'true' }, ICONS[state]), ' ' + word)),
			make('p.note', null, sentence(TIER_TEXT[name])),
			tier.available ? null : make('p', null, sentence(tier.missing)),
			tier.limits ? make('p', null, sentence(tier.limits)) : null,
			texts.length ? make('ul', null, ...texts.map((text) => make('li', null, text))) : null);
	};

	return make('div.tiers', null, ...TIERS.filter((name) => detection[name]).map(item));
}

// Facts about the record of the run; `bad' if it is not 0.
const TRUST = [
	['verified', 'walks over all caches that agreed with what was recorded'],
	['counted', 'walks in which the objects in use were counted'],
	['disagreements', 'disagreements with the kernel', 'bad'],
	['unseen_changes', 'changes of a node that no program saw', 'bad'],
	['incomplete', 'walks that did not reach their end'],
	['resynced', 'structures that were found out by a walk, not by an event'],
	['moved', 'structures that appeared at another pointer', 'bad'],
	['miscounted', 'counts that differ from the known structures', 'bad'],
	['pending', 'dropped structures, freed or leaked, which is not known', 'bad'],
	['unobserved', 'structures that may or may not be allocated', 'bad'],
	['malformed', 'records that were malformed', 'bad'],
];

function putTrust(trace) {
	const { trust, detection } = trace.summary;
	const rows = [
		{ count: trace.lostCount, text: 'events lost', kind: 'bad' },
		...TRUST.map(([key, text, kind]) => ({ count: trust[key], text, kind })),
	];

	if (detection)
		rows.push({ count: detection.freed_seen, text: 'structures that entered the freed set' },
			{ count: detection.freed_dropped, text: 'freed structures that found no room', kind: 'bad' },
			{ count: detection.lost, text: 'accesses lost', kind: 'bad' },
			{ count: detection.freed_skipped, text: 'runs of programs that the kernel skipped', kind: 'bad' });
	return make('table.plain', null, make('caption.hidden', null, 'The record of the run'), make('tbody', null,
		...rows.map(({ count, text, kind }) => make('tr' + (count && kind ? '.' + kind : ''), null,
			make('td.num', null, numberText(count)), make('th', { scope: 'row' }, text)))));
}

function putCoverage(trace, element) {
	const { start, summary } = trace;

	if (!summary) {
		element.append(make('p.box.bad', null, 'The page ends before the run did. The coverage is not known.'));
		return;
	}
	element.append(summary.detection ? putTiers(summary.detection) :
		make('p.box.warn', null, 'Stale accesses were not looked for.'));
	element.append(make('h3', null, 'The record of the run'), putTrust(trace));
	if (start)
		element.append(make('p.note', null, start.probes === 'none' ?
			'Nothing was attached: caches were polled, and a change that was undone in between was not seen.' :
			`Attached by ${start.probes}; caches walked by ${start.walk}.`));
}
