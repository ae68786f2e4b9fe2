// SPDX-License-Identifier: GPL-2.0-only
// The held structures and bytes of each node over time, drawn by uPlot.

const CHART_NODES = 8; /* with a line of their own; the others are added up */
const CHART_HEIGHT = 156;

// The width of the labels on the left, the same for the charts and for the timeline.
function gutterWidth(width) {
	return width < 600 ? 96 : 190;
}

const RIGHT_MARGIN = 14;

// Choose the lines: the nodes that held something, and the sum of those beyond CHART_NODES.
function chartLines(trace) {
	const nodes = trace.sortedNodes.filter((node) => node.mostHeld > 0)
		.sort((a, b) => b.mostHeld - a.mostHeld);
	const own = nodes.slice(0, CHART_NODES).sort((a, b) => a.n - b.n);
	const rest = nodes.slice(CHART_NODES);
	const lines = own.map((node) => ({ label: `node ${node.n}`, points: node.heldAt, node }));

	if (rest.length)
		lines.push({ label: `${rest.length} other nodes`, points: sumOfPoints(rest) });
	return lines;
}

function sumOfPoints(nodes) {
	const all = [], now = new Map();
	let held = 0, bytes = 0;

	for (const node of nodes)
		for (const point of node.heldAt)
			all.push({ node, point });
	all.sort((a, b) => a.point.t - b.point.t);
	return all.map(({ node, point }) => {
		const before = now.get(node) || { held: 0, bytes: 0 };

		held += point.held - before.held;
		bytes += point.bytes - before.bytes;
		now.set(node, point);
		return { t: point.t, held, bytes };
	});
}

// Reduce a line to the least and the greatest value of each of `buckets' parts of the range, in
// which a reader could not distinguish more points. Returns [{ t, value }].
function reducedLine(points, name, a, b, buckets) {
	const first = Math.max(0, pointBefore(points, a)), width = (b - a) / buckets;
	const reduced = [];

	for (let i = first; i < points.length && points[i].t <= b;) {
		const bucket = Math.floor((points[i].t - a) / width);
		let j = i, least = i, most = i;

		for (; j < points.length && Math.floor((points[j].t - a) / width) === bucket; j++) {
			if (points[j][name] < points[least][name])
				least = j;
			if (points[j][name] > points[most][name])
				most = j;
		}
		for (const k of [...new Set([i, least, most, j - 1])].sort((x, y) => x - y))
			reduced.push({ t: points[k].t, value: points[k][name] });
		i = j;
	}
	return reduced;
}

class Charts {
	constructor(trace, range, element) {
		this.trace = trace;
		this.range = range;
		this.element = element;
		this.lines = chartLines(trace);
		this.charts = [];
		if (!this.lines.length) {
			element.append(make('p.box', null, 'No structure was seen to be held.'));
			return;
		}
		this.holders = [
			this.holder('held', 'Held structures', (value) => numberText(value)),
			this.holder('bytes', 'Held bytes', bytesText),
		];
		element.append(...this.holders.map((holder) => holder.element), this.table());
		this.draw();
		range.listen(eachFrame(() => this.update()));
		onTheme(() => this.draw());
		onClock(() => this.draw());
		new ResizeObserver(eachFrame(() => this.resize())).observe(element);
	}

	holder(name, title, text) {
		const element = make('figure.chart', {
			role: 'img', 'aria-label': `${title}: ${this.spoken(name, text)}`,
		});

		return { name, title, text, element };
	}

	// The chart in words, for those who do not see it.
	spoken(name, text) {
		return this.lines.map(({ label, points }) => {
			const most = points.reduce((a, point) => Math.max(a, point[name]), 0);

			return `${label}: ${text(points[0][name])} at the start, at most ${text(most)}, ${text(points[points.length - 1][name])} at the end`;
		}).join('; ');
	}

	width() {
		return Math.max(260, this.element.clientWidth);
	}

	data(name) {
		const { a, b } = this.range;
		const buckets = Math.max(50, this.width());

		return uPlot.join(this.lines.map(({ points }) => {
			const reduced = reducedLine(points, name, a, b, buckets);

			return [reduced.map((point) => point.t), reduced.map((point) => point.value)];
		}).map(([t, values]) => this.unique(t, values)), this.lines.map(() => [2]))
			.map((values, i) => i ? this.carried(values) : values);
	}

	// Of several values at the same moment the last one holds.
	unique(t, values) {
		const times = [], kept = [];

		t.forEach((moment, i) => {
			if (times[times.length - 1] === moment)
				times.pop(), kept.pop();
			times.push(moment);
			kept.push(values[i]);
		});
		return [times, kept];
	}

	// A line keeps its value until it has another one.
	carried(values) {
		let last = null;

		return values.map((value) => last = value ?? last);
	}

	seriesOf(line, i) {
		const stroke = color(line.node ? `line-${i + 1}` : 'ink-soft');

		return {
			label: line.label, stroke, width: 2, dash: !line.node ? [2, 4] : i % 2 ? [8, 4] : undefined,
			paths: uPlot.paths.stepped({ align: 1 }), points: { show: false },
			fill: this.lines.length === 1 ? color('line-fill') : undefined,
		};
	}

	axes(holder, width) {
		const axis = {
			stroke: color('ink-soft'), grid: { stroke: color('grid'), width: 1 },
			ticks: { stroke: color('grid'), width: 1 }, font: '12px ' + color('font'),
		};
		const count = Math.max(2, (width - gutterWidth(width)) / 130);

		return [{
			...axis, size: 34,
			splits: () => this.splits(count),
			values: (u, splits) => splits.map((t) => timeText(t, stepDigits(this.step))),
		}, {
			...axis, size: gutterWidth(width), space: 36,
			incrs: holder.name === 'bytes' ? Array.from({ length: 50 }, (_, i) => 2 ** i) :
				Array.from({ length: 12 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat(),
			values: (u, splits) => splits.map((value) => value ? holder.text(value) : '0'),
		}];
	}

	splits(count) {
		const { a, b, span } = this.range, marks = [];

		this.step = niceStep(span, count);
		for (let t = Math.ceil(a / this.step) * this.step; t <= b; t += this.step)
			marks.push(Math.abs(t) < this.step / 1e6 ? 0 : t);
		return marks;
	}

	options(holder) {
		const width = this.width();
		const most = this.lines.reduce((a, { points }) =>
			points.reduce((x, point) => Math.max(x, point[holder.name]), a), 1);

		return {
			width, height: CHART_HEIGHT, title: holder.title,
			padding: [8, RIGHT_MARGIN, 0, 0],
			scales: {
				x: { time: false, range: () => [this.range.a, this.range.b] },
				y: { range: () => [0, most * 1.12] },
			},
			series: [{ label: 'Time', value: (u, t) => t === null ? '–' : timeText(t) },
				...this.lines.map((line, i) => ({
					...this.seriesOf(line, i),
					value: (u, value) => value === null ? '–' : holder.text(value),
				}))],
			axes: this.axes(holder, width),
			cursor: {
				sync: { key: 'held' }, drag: { x: true, y: false, setScale: false },
				bind: { dblclick: () => () => this.range.fit() },
			},
			hooks: { setSelect: [(u) => this.selected(u)] },
		};
	}

	selected(u) {
		const { left, width } = u.select;

		if (width < 4)
			return;
		this.range.set(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
		u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
	}

	draw() {
		for (const chart of this.charts)
			chart.destroy();
		this.drawnWidth = this.width();
		this.charts = (this.holders || []).map((holder) =>
			new uPlot(this.options(holder), this.data(holder.name), holder.element));
	}

	update() {
		this.charts.forEach((chart, i) => chart.setData(this.data(this.holders[i].name)));
	}

	// The width of the labels depends on that of the page.
	resize() {
		if (this.width() !== this.drawnWidth)
			this.draw();
	}

	// The same as a table, for those who do not see the charts.
	table() {
		const rows = this.lines.filter((line) => line.node).flatMap(({ node }) =>
			node.heldAt.map((point) => ({ ...point, n: node.n })));
		const holder = make('details', null, make('summary', null, 'The charts as a table'));

		holder.addEventListener('toggle', () => {
			if (holder.open && !this.pointTable) {
				this.pointTable = addTable({
					id: 'held-table', caption: 'Held structures and bytes over time', rows,
					columns: [
						timeColumn(),
						{ name: 'Node', num: true, value: (row) => row.n, text: (row) => String(row.n) },
						countColumn('Structures', 'held', (row) => row.held),
						countColumn('Bytes', 'held', (row) => row.bytes, bytesText),
					],
				});
				holder.append(this.pointTable.element);
			}
		});
		return holder;
	}
}
