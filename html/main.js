// SPDX-License-Identifier: GPL-2.0-only
// Build the page when its data are there.

function dataText() {
	return byId('data')?.textContent || '';
}

// Offer the data as a file.
function save() {
	const url = URL.createObjectURL(new Blob([dataText().trimStart()], { type: 'application/jsonl' }));

	make('a', { href: url, download: 'slubnode-trace.jsonl' }).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function putAbout(trace, element) {
	element.append(make('p', null,
		trace.start ? `Written by slubnode-trace ${trace.start.version}. ` : '',
		'The page needs no network. Its data are the JSON Lines that slubnode-trace-json(5) describes. ',
		make('button.link', { type: 'button', onclick: save }, 'Save them as a file')),
	make('p', null, 'Charts by uPlot, © Leon Sorokin, MIT licence.'));
}

function putTime(trace, range, element, actions) {
	const rows = [...trace.rows.values()].filter((row) => row.spans.length).length;
	const charts = make('div.charts'), lifetimes = make('div.lifetimes');

	element.append(charts, make('h3', null, 'Lifetimes'),
		make('p.note', null, 'A row is a cache on a node. A cache without an event has no row: its structures stayed as they were.',
			rows ? '' : ' No structure changed in this run.'), lifetimes);
	new Charts(trace, range, charts);
	return new Timeline(trace, range, lifetimes, actions);
}

function printing(findings, on) {
	for (const table of tables)
		table.print(on);
	findings.print(on);
}

function main() {
	const trace = new Trace().read(dataText());
	const range = new Range(trace.first, trace.end);
	const page = { trace, range };
	const actions = {
		show: (event) => page.timeline.show(event),
		finding: (event) => page.findings.open(event.group),
		row: (row) => {
			page.events.look(`${row.cache}`);
			byId('events').scrollIntoView();
			page.events.search.focus({ preventScroll: true });
		},
	};

	startTheme();
	putAnswer(trace, byId('answer'));
	page.timeline = putTime(trace, range, byId('time'), actions);
	page.findings = new Findings(trace, byId('findings'), actions);
	putNodes(trace, byId('nodes'));
	putCaches(trace, byId('caches'));
	page.events = putEvents(trace, byId('events'), actions);
	putCoverage(trace, byId('coverage'));
	putAbout(trace, byId('about'));
	onClock(() => tables.forEach((table) => table.refresh()));
	byId('clock').addEventListener('change', (event) => setClock(event.target.value));
	addEventListener('beforeprint', () => printing(page.findings, true));
	addEventListener('afterprint', () => printing(page.findings, false));
	globalThis.slubnodePage = page; /* for the tests */
}

document.addEventListener('DOMContentLoaded', main);
