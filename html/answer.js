// SPDX-License-Identifier: GPL-2.0-only
// The head of the page: the sentence, what the run cannot show, and its figures.

const BAD = ['unsafe', 'dangling', 'leaked', 'missing'];
const WARN = ['suspect', 'inconclusive', 'partly-covered'];

const OUTCOME_TEXT = {
	unsafe: 'Unsafe', dangling: 'Dangling structures', leaked: 'Leaked structures',
	missing: 'Missing structures', suspect: 'Suspected access', inconclusive: 'Inconclusive',
	'partly-covered': 'Partly covered', freed: 'Freed', held: 'Held', reused: 'Reused',
	added: 'Memory added', nothing: 'Nothing happened',
};

const TIERS = ['call', 'window', 'watchpoint', 'canary'];

// List what makes the run worth less than it looks: { bad, text, hint }.
function problems(trace) {
	const list = [];
	const add = (bad, text, hint) => list.push({ bad, text, hint });

	if (!trace.start)
		add(true, 'The page has no beginning of a run.', 'Write the page again.');
	if (!trace.summary)
		add(true, 'The page ends before the run did: it has no answer, no counts and no coverage.',
			'What it shows is what had been written until then.');
	if (trace.unreadable)
		add(true, `${plural(trace.unreadable, 'line')} of the data could not be read.`,
			'What they reported is missing here.');
	if (trace.lostCount && !trace.summary)
		add(true, `${plural(trace.lostCount, 'event was', 'events were')} lost.`,
			'States after the loss may be wrong.');
	for (const caveat of trace.summary?.caveats || [])
		add(!caveat.verdict_only, sentence(caveat.reason), caveat.hint ? sentence(caveat.hint) : '');
	if (trace.summary && !trace.summary.detection)
		add(false, 'Stale accesses were not looked for: no finding means nothing here.', '');
	for (const text of trace.missingEvents())
		add(true, text, 'The output was not written completely.');
	for (const text of selectedOnly(trace.start))
		add(false, text, 'What happened to others is not in this page.');
	if (trace.summary && trace.findingCount < (trace.summary.findings?.total || 0))
		add(true, `The run counted ${plural(trace.summary.findings.total, 'finding')}; the page has ${numberText(trace.findingCount)} of them.`, '');
	return list;
}

// Name what --node and --cache selected.
function selectedOnly(start) {
	return [
		start?.only_nodes && `Only structures of node${/[-,]/.test(start.only_nodes) ? 's' : ''} ${start.only_nodes} were selected.`,
		start?.only_caches && `Only caches that match ${start.only_caches.join(', ')} were selected.`,
	].filter(Boolean);
}

// Make a sentence of a clause.
function sentence(clause) {
	return clause.charAt(0).toUpperCase() + clause.slice(1) + (/[.!?]$/.test(clause) ? '' : '.');
}

function outcomeClass(outcome) {
	return BAD.includes(outcome) ? 'bad' : WARN.includes(outcome) ? 'warn' : 'calm';
}

const ICONS = { bad: '✖', warn: '▲', calm: '●' };

function putAnswer(trace, element) {
	const { summary } = trace;
	const kind = summary ? outcomeClass(summary.outcome) : 'bad';
	const label = summary ? OUTCOME_TEXT[summary.outcome] || summary.outcome : 'No answer';

	element.append(
		make(`p.outcome.${kind}`, null, make('span', { 'aria-hidden': 'true' }, ICONS[kind]), ' ', label),
		make('h1', null, summary ? summary.sentence : 'This page ends before the run did.'),
		runLine(trace), putProblems(trace), tiles(trace));
	document.title = `${label}: slubnode-trace`;
}

function runLine(trace) {
	const { start, summary } = trace;

	if (!start)
		return null;

	const at = new Date(clock.wallMs);
	const iso = at.toISOString();

	return make('p.run', null, `Linux ${start.kernel}, `,
		make('time', { datetime: iso, title: at.toString() }, `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`),
		summary ? `, for ${durationText(summary.duration_ns / 1e9)}` : '');
}

// Return the box of what the run cannot show. A run without such a reason has a line for it.
function putProblems(trace) {
	const list = problems(trace);
	const item = ({ text, hint }) => make('li', null, text, hint ? make('span.hint', null, ' ' + hint) : null);
	const box = (kind, title, some) => !some.length ? null :
		make(`div.box.${kind}`, { role: 'note' }, make('h2', null, title), make('ul', null, ...some.map(item)));
	const bad = list.filter((problem) => problem.bad), rest = list.filter((problem) => !problem.bad);

	if (!list.length && trace.summary.caveats)
		return make('p.run', null, 'No event was lost, and nothing makes this run inconclusive. ',
			make('a', { href: '#coverage' }, 'Coverage'), ' has what was watched.');
	return make('div.problems', null, box('bad', 'Why this run is not conclusive', bad),
		box('warn', 'What this run cannot show', rest));
}

function tiles(trace) {
	const { start, summary } = trace;
	const list = make('dl.tiles');
	const tile = (name, value, note, kind) => list.append(
		make('div' + (kind ? '.' + kind : ''), null, make('dt', null, name), make('dd', null, value),
			note ? make('dd.note', null, note) : null));
	const held = trace.sortedNodes.reduce((sum, node) => sum + node.held, 0);
	const bytes = trace.sortedNodes.reduce((sum, node) => sum + node.bytes, 0);

	tile(summary ? 'Held at the end' : 'Held where the page ends', plural(held, 'structure'), bytesText(bytes));
	tile('Findings', numberText(Math.max(trace.findingCount, summary?.findings?.total || 0)), strengthsText(trace),
		trace.findingCount ? 'bad' : '');
	if (start)
		tile('Caches', numberText(start.caches), `${plural(start.structures, 'structure')} at the start`);
	if (start)
		tile('Nodes', start.nodes, `with memory at the start: ${start.nodes_with_memory || 'none'}` +
			(start.nodes_movable_only ? `; movable only: ${start.nodes_movable_only}` : ''));
	tile('Events', numberText(trace.events.length), trace.lostCount ? `${numberText(trace.lostCount)} lost` : 'none lost',
		trace.lostCount ? 'bad' : '');
	tile('Freed words watched', watchedText(summary), watchedNote(summary));
	return list;
}

function strengthsText(trace) {
	const counts = {};

	for (const { first, count } of trace.findings.values())
		counts[first.strength] = (counts[first.strength] || 0) + count;
	return [...STRENGTHS].reverse().filter((strength) => counts[strength])
		.map((strength) => `${numberText(counts[strength])} ${strength}`).join(', ') || 'none';
}

function watchedText(summary) {
	const watchpoint = summary?.detection?.watchpoint;

	if (!watchpoint || !watchpoint.available)
		return '–';
	return watchpoint.freed_word_ns ? shareText(watchpoint.coverage) : '–';
}

function watchedNote(summary) {
	const watchpoint = summary?.detection?.watchpoint;

	if (!summary)
		return 'not known: no summary';
	if (!watchpoint)
		return 'accesses were not looked for';
	if (!watchpoint.available)
		return 'no watchpoints: see Coverage';
	return watchpoint.freed_word_ns ? 'of the time for which they were freed' : 'nothing to watch was freed';
}
