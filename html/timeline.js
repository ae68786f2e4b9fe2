// SPDX-License-Identifier: GPL-2.0-only
// The lifetimes of structures: nodes as groups, caches as rows, states as bars, findings as marks.
//
// Only rows that are in view are drawn. Where a pixel stands for several states, it shows the worst.

const ROW = 20, AXIS = 26, MAX_HEIGHT = 520;

// A state differs from the others by color, by height and by pattern.
const BARS = {
	[LIVE]: { height: 4 },
	[HELD]: { height: 14, pattern: 'rising' },
	[LATE]: { height: 14, pattern: 'falling' },
	[LEAKED]: { height: 14, pattern: 'dots' },
	[MISSING]: { height: 12, pattern: 'outline' },
	[DANGLING]: { height: 16, pattern: 'cross' },
};

class Timeline {
	constructor(trace, range, element, actions) {
		Object.assign(this, { trace, range, element, actions });
		this.collapsed = new Set();
		this.words = [];
		this.patterns = {};
		this.selected = -1; /* until the reader chooses one */
		this.cursor = null;
		this.pointers = new Map();
		this.build();
		this.rebuild();
		this.draw = eachFrame(() => this.drawNow());
		range.listen(() => this.draw());
		onClock(() => this.draw());
		onTheme(() => {
			this.patterns = {};
			this.drawLegend();
			this.drawNow();
		});
		new ResizeObserver(() => this.draw()).observe(this.view);
		this.drawLegend();
	}

	/* --- elements --- */

	build() {
		this.canvas = make('canvas', { 'aria-hidden': 'true' });
		this.spacer = make('div.spacer', null, this.canvas);
		this.view = make('div.timeline', {
			id: 'timeline', tabindex: 0, role: 'application', 'aria-roledescription': 'timeline',
			'aria-label': 'Lifetimes of structures', 'aria-describedby': 'timeline-keys timeline-status',
		}, this.spacer);
		this.tip = make('div.tip', { 'aria-hidden': 'true', hidden: true });
		this.status = make('p.status', { id: 'timeline-status', role: 'status' });
		this.legend = make('ul.legend', { 'aria-label': 'Legend' });
		this.filter = make('input', {
			type: 'search', placeholder: 'Caches', 'aria-label': 'Show the caches whose names contain',
			id: 'timeline-search',
			oninput: debounce(100, () => this.find(this.filter.value)),
		});
		this.element.append(make('div.tools', null,
			this.button('Zoom in', () => this.range.zoom(0.5), 'zoom-in'),
			this.button('Zoom out', () => this.range.zoom(2), 'zoom-out'),
			this.button('Whole run', () => this.range.fit(), 'zoom-fit'),
			this.filter), this.legend, make('div.stage', null, this.view, this.tip), this.status, this.keys());
		this.listen();
	}

	button(text, onclick, id) {
		return make('button', { type: 'button', onclick, id }, text);
	}

	keys() {
		const key = (name, text) => make('li', null, make('kbd', null, name), ' ' + text);

		return make('details.keys', null,
			make('summary', null, 'Keys and mouse'),
			make('ul', { id: 'timeline-keys' },
				key('+ −', 'zoom'), key('← →', 'move'), key('0', 'whole run'),
				key('↑ ↓', 'choose a row'), key('Shift + ← →', 'previous or next event of the row'),
				key('Enter', 'open or close a node; list the events of a cache'),
				key('Home End', 'start or end of the run'),
				key('drag', 'zoom to a part'), key('Shift + drag', 'move'),
				key('Ctrl + wheel', 'zoom'), key('double click', 'whole run')));
	}

	// The rows in view: a header for each node, and its caches unless it is closed.
	rebuild() {
		const lines = [];

		for (const node of this.trace.sortedNodes) {
			node.rows ||= this.trace.rowsOf(node.n);

			const rows = node.rows.filter((row) => this.words.every((word) =>
				row.label.toLowerCase().includes(word)));

			lines.push({ node, rows });
			if (!this.collapsed.has(node.n))
				lines.push(...rows.map((row) => ({ node, row })));
		}
		this.lines = lines;
		this.selected = Math.min(this.selected, lines.length - 1);
		this.spacer.style.height = `${AXIS + lines.length * ROW + 4}px`;
		this.view.style.height = `${Math.min(AXIS + lines.length * ROW + 6, MAX_HEIGHT, Math.max(300, innerHeight * 0.7))}px`;
	}

	find(words) {
		this.words = words.toLowerCase().split(/\s+/).filter(Boolean);
		this.rebuild();
		this.draw();
	}

	toggle(node) {
		if (!this.collapsed.delete(node.n))
			this.collapsed.add(node.n);
		this.rebuild();
		this.draw();
	}

	/* --- drawing --- */

	get gutter() {
		return gutterWidth(this.width);
	}

	x(t) {
		return this.gutter + (t - this.range.a) / this.range.span * this.plotWidth;
	}

	timeAt(x) {
		return this.range.a + (x - this.gutter) / this.plotWidth * this.range.span;
	}

	get plotWidth() {
		return this.width - this.gutter - RIGHT_MARGIN;
	}

	// Fit the canvas to its place. Returns whether there is anything to draw on.
	measure() {
		const ratio = devicePixelRatio || 1;

		this.width = this.view.clientWidth;
		this.height = this.view.clientHeight;
		if (!this.width || !this.height)
			return false;
		if (this.canvas.width !== Math.round(this.width * ratio) ||
		    this.canvas.height !== Math.round(this.height * ratio)) {
			this.canvas.width = Math.round(this.width * ratio);
			this.canvas.height = Math.round(this.height * ratio);
			this.canvas.style.width = `${this.width}px`;
			this.canvas.style.height = `${this.height}px`;
		}
		this.ctx = this.canvas.getContext('2d');
		this.ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
		return true;
	}

	drawNow() {
		if (!this.measure())
			return;

		const { ctx, width, height } = this;
		const top = this.view.scrollTop;
		const first = Math.max(0, Math.floor(top / ROW));
		const last = Math.min(this.lines.length, Math.ceil((top + height - AXIS) / ROW));

		ctx.fillStyle = color('panel');
		ctx.fillRect(0, 0, width, height);
		this.marks = [];
		this.clip(0, AXIS, width, height - AXIS, () => {
			for (let i = first; i < last; i++)
				this.drawLine(this.lines[i], AXIS + i * ROW - top, i === this.selected);
		});
		this.clip(this.gutter, 0, this.plotWidth + RIGHT_MARGIN, height, () => this.drawOver(height));
		this.drawAxis();
	}

	clip(x, y, width, height, draw) {
		this.ctx.save();
		this.ctx.beginPath();
		this.ctx.rect(x, y, width, height);
		this.ctx.clip();
		draw();
		this.ctx.restore();
	}

	drawAxis() {
		const { ctx } = this;
		const step = niceStep(this.range.span, Math.max(2, this.plotWidth / 130));

		ctx.fillStyle = color('panel');
		ctx.fillRect(0, 0, this.width, AXIS - 1);
		ctx.fillStyle = color('grid');
		ctx.fillRect(0, AXIS - 1, this.width, 1);
		ctx.font = '12px ' + color('font');
		ctx.textBaseline = 'middle';
		ctx.textAlign = 'center';
		for (let t = Math.ceil(this.range.a / step) * step; t <= this.range.b; t += step) {
			const x = this.x(t);
			const text = timeText(Math.abs(t) < step / 1e6 ? 0 : t, stepDigits(step));
			const half = ctx.measureText(text).width / 2;

			ctx.fillStyle = color('grid');
			ctx.fillRect(Math.round(x), AXIS - 6, 1, 5);
			ctx.fillStyle = color('ink-soft');
			ctx.fillText(text, Math.min(Math.max(x, this.gutter + half), this.width - half - 2), AXIS / 2 - 1);
		}
		if (this.gutter < 120)
			return;
		ctx.textAlign = 'left';
		ctx.fillText(clock.mode === 'start' ? 'Since the start' : clock.mode === 'utc' ? 'UTC' : 'Local time',
			8, AXIS / 2 - 1);
	}

	drawLine(line, y, selected) {
		const { ctx } = this;

		if (selected) {
			ctx.fillStyle = color('select');
			ctx.fillRect(0, y, this.width, ROW);
		} else if (!line.row) {
			ctx.fillStyle = color('band');
			ctx.fillRect(0, y, this.width, ROW);
		}
		this.drawLabel(line, y);
		this.clip(this.gutter, y, this.plotWidth, ROW, () => {
			if (line.row)
				this.drawStates(line.row, y);
			else
				this.drawMemory(line.node, y);
		});
		if (line.row)
			this.drawMarks(line.row, y);
	}

	drawLabel(line, y) {
		const { ctx } = this;
		const header = !line.row;
		const arrow = !header ? '' : this.collapsed.has(line.node.n) ? '▸ ' : '▾ ';
		const name = header ? line.node.n < 0 ? 'no node' : `node ${line.node.n}` : line.row.label;

		ctx.textBaseline = 'middle';
		ctx.textAlign = 'left';
		ctx.font = (header ? '600 13px ' : '12px ') + color('font');
		ctx.fillStyle = color(header ? 'ink' : 'ink-label');
		ctx.fillText(arrow + this.cut(name, this.gutter - (!header ? 30 : this.gutter > 120 ? 96 : 24)), header ? 8 : 22, y + ROW / 2);
		if (header && this.gutter > 120) {
			ctx.font = '12px ' + color('font');
			ctx.fillStyle = color('ink-soft');
			ctx.textAlign = 'right';
			ctx.fillText(line.rows.length ? plural(line.rows.length, 'cache') : 'no event', this.gutter - 10, y + ROW / 2);
		}
	}

	// Shorten a name to what fits.
	cut(name, room) {
		const { ctx } = this;
		let keep = name.length;

		if (ctx.measureText(name).width <= room)
			return name;
		while (keep > 1 && ctx.measureText(name.slice(0, keep) + '…').width > room)
			keep--;
		return name.slice(0, keep) + '…';
	}

	drawStates(row, y) {
		const { spans } = row;
		const { a, b } = this.range;
		const short = new Map(); /* pixel to its worst state */
		const frees = new Set();

		for (let i = Math.max(0, pointBefore(spans, a)); i < spans.length && spans[i].t <= b; i++) {
			const { t, state } = spans[i];
			const from = Math.max(t, this.trace.first, a);
			const to = Math.min(i + 1 < spans.length ? spans[i + 1].t : this.trace.end, b);
			const x0 = this.x(from), x1 = this.x(to);

			if (state === ABSENT) {
				if (t >= a)
					frees.add(Math.floor(x0));
			} else if (x1 - x0 >= 2) {
				this.drawBar(state, x0, x1, y);
			} else {
				const pixel = Math.floor(x0);

				short.set(pixel, Math.max(short.get(pixel) || 0, state));
			}
		}
		for (const [pixel, state] of short)
			this.drawBar(state, pixel, pixel + 2, y);
		this.ctx.fillStyle = color('ink-soft');
		for (const pixel of frees)
			this.ctx.fillRect(pixel, y + 5, 1, ROW - 10);
	}

	drawBar(state, x0, x1, y, ctx = this.ctx) {
		const { height, pattern } = BARS[state];
		const top = y + (ROW - height) / 2;

		if (pattern === 'outline') {
			ctx.strokeStyle = color('state-missing');
			ctx.setLineDash([3, 2]);
			ctx.strokeRect(x0 + 0.5, top + 0.5, Math.max(1, x1 - x0 - 1), height - 1);
			ctx.setLineDash([]);
			return;
		}
		ctx.fillStyle = color('state-' + STATES[state].name);
		ctx.fillRect(x0, top, x1 - x0, height);
		if (pattern && x1 - x0 > 3) {
			ctx.fillStyle = this.pattern(pattern);
			ctx.fillRect(x0, top, x1 - x0, height);
		}
	}

	pattern(name) {
		if (!this.patterns[name])
			this.patterns[name] = this.makePattern(name);
		return this.patterns[name];
	}

	makePattern(name) {
		const tile = make('canvas', { width: 8, height: 8 });
		const ctx = tile.getContext('2d');
		const stroke = (...points) => {
			ctx.beginPath();
			for (let i = 0; i < points.length; i += 4) {
				ctx.moveTo(points[i], points[i + 1]);
				ctx.lineTo(points[i + 2], points[i + 3]);
			}
			ctx.stroke();
		};

		ctx.strokeStyle = ctx.fillStyle = color('pattern');
		ctx.lineWidth = 1.3;
		if (name === 'rising' || name === 'cross')
			stroke(-2, 10, 10, -2, -2, 2, 2, -2, 6, 10, 10, 6);
		if (name === 'falling' || name === 'cross')
			stroke(-2, -2, 10, 10, 6, -2, 10, 2, -2, 6, 2, 10);
		if (name === 'dots') {
			ctx.fillRect(1, 1, 2, 2);
			ctx.fillRect(5, 5, 2, 2);
		}
		return this.ctxOf().createPattern(tile, 'repeat');
	}

	ctxOf() {
		return this.ctx || this.canvas.getContext('2d');
	}

	drawMemory(node, y) {
		const { ctx } = this;
		const { a, b } = this.range;
		const spans = node.spans;
		let drawn = -1; /* the last pixel */

		if (node.n < 0)
			return;
		for (let i = 0; i < spans.length; i++) {
			const from = Math.max(spans[i].t, this.trace.first, a);
			const to = Math.min(i + 1 < spans.length ? spans[i + 1].t : this.trace.end, b);
			const x0 = this.x(from), x1 = this.x(to);

			if (to < a || from > b || x1 < x0 || (x1 - x0 < 1 && Math.floor(x0) === drawn))
				continue;
			drawn = Math.floor(x0);
			ctx.fillStyle = color(spans[i].memory === MEMORY ? 'memory' :
				isWithout(spans[i].memory) ? 'no-memory' : 'going');
			ctx.fillRect(x0, y + 3, Math.max(1, x1 - x0), ROW - 6);
			this.drawText(MEMORY_TEXT[spans[i].memory], x0, x1, y);
		}
	}

	drawText(text, x0, x1, y) {
		const { ctx } = this;

		ctx.font = '11px ' + color('font');
		if (x1 - x0 < 46 || ctx.measureText(text).width + 10 > x1 - x0)
			return;
		ctx.fillStyle = color('ink');
		ctx.textAlign = 'left';
		ctx.textBaseline = 'middle';
		ctx.fillText(text, x0 + 5, y + ROW / 2 + 0.5);
	}

	// Draw the findings of a row; of those that would cover each other, the strongest.
	drawMarks(row, y) {
		const { a, b } = this.range;
		let shown = null;

		for (const finding of row.marks) {
			if (finding.t < a || finding.t > b)
				continue;

			const x = this.x(finding.t);
			const rank = STRENGTHS.indexOf(finding.strength);

			if (shown && x - shown.x < 7) {
				shown.count++;
				if (rank > shown.rank)
					Object.assign(shown, { rank, finding });
				continue;
			}
			shown = { x, y: y + ROW / 2, rank, finding, count: 1 };
			this.marks.push(shown);
		}
		for (const mark of this.marks.filter((m) => m.y === y + ROW / 2))
			this.drawMark(this.ctx, mark.finding.strength, mark.x, mark.y);
	}

	drawMark(ctx, strength, x, y, size = 6) {
		ctx.beginPath();
		if (strength === 'confirmed') {
			ctx.moveTo(x, y - size - 1);
			ctx.lineTo(x + size + 1, y);
			ctx.lineTo(x, y + size + 1);
			ctx.lineTo(x - size - 1, y);
		} else if (strength === 'exposure') {
			ctx.moveTo(x, y - size);
			ctx.lineTo(x + size, y + size - 1);
			ctx.lineTo(x - size, y + size - 1);
		} else {
			ctx.arc(x, y, size - 1, 0, 2 * Math.PI);
		}
		ctx.closePath();
		ctx.fillStyle = color(strength === 'suspect' ? 'panel' : 'mark-' + strength);
		ctx.fill();
		ctx.lineWidth = 1.5;
		ctx.strokeStyle = color(strength === 'suspect' ? 'mark-suspect' : 'mark-edge');
		ctx.stroke();
		ctx.lineWidth = 1;
	}

	// Draw what lies over all rows: lost events, the cursor, and the part that is being selected.
	drawOver(height) {
		const { ctx } = this;
		const inView = this.trace.lost.filter(({ t }) => t >= this.range.a && t <= this.range.b);

		ctx.fillStyle = color('bad');
		for (const x of new Set(inView.map(({ t }) => Math.round(this.x(t)))))
			for (let y = 0; y < height; y += 8)
				ctx.fillRect(x, y, 2, 5);
		if (this.cursor !== null) {
			ctx.fillStyle = color('ink-soft');
			ctx.fillRect(Math.round(this.x(this.cursor)), AXIS, 1, height);
		}
		if (this.drag?.zoom) {
			ctx.fillStyle = color('drag');
			ctx.fillRect(Math.min(this.drag.x, this.drag.now), AXIS, Math.abs(this.drag.now - this.drag.x), height);
		}
	}

	drawLegend() {
		const present = new Set([...this.trace.rows.values()].flatMap((row) => row.spans.map((span) => span.state)));
		const strengths = new Set([...this.trace.findings.values()].map((group) => group.first.strength));
		const freed = present.has(ABSENT) ? [this.legendItem('freed or absent', '', (ctx) => {
			ctx.fillStyle = color('ink-soft');
			ctx.fillRect(14, 5, 1, ROW - 10);
		})] : [];
		const items = STATES.map((state, i) => [i, state]).filter(([i]) => i && present.has(i))
			.map(([i, state]) => this.legendItem(state.text, state.title,
				(ctx) => this.drawBar(i, 1, 29, 0, ctx)));
		const marks = STRENGTHS.filter((strength) => strengths.has(strength)).reverse()
			.map((strength) => this.legendItem(strength, 'a finding',
				(ctx) => this.drawMark(ctx, strength, 15, ROW / 2)));
		const lost = this.trace.lost.length ? [this.legendItem('events lost', '', (ctx) => {
			ctx.fillStyle = color('bad');
			for (let y = 0; y < ROW; y += 8)
				ctx.fillRect(14, y, 2, 5);
		})] : [];

		this.legend.replaceChildren(...items, ...freed, ...marks, ...lost);
	}

	legendItem(text, title, draw) {
		const ratio = devicePixelRatio || 1;
		const canvas = make('canvas', { width: 30 * ratio, height: ROW * ratio, 'aria-hidden': 'true' });
		const ctx = canvas.getContext('2d');

		canvas.style.width = '30px';
		canvas.style.height = `${ROW}px`;
		ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
		draw(ctx);
		return make('li', { title }, canvas, text);
	}

	/* --- mouse, touch and keys --- */

	listen() {
		const { view } = this;

		view.addEventListener('scroll', () => this.draw());
		view.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
		view.addEventListener('pointerdown', (event) => this.down(event));
		view.addEventListener('pointermove', (event) => this.move(event));
		view.addEventListener('pointerup', (event) => this.up(event));
		view.addEventListener('pointercancel', (event) => this.cancel(event));
		view.addEventListener('pointerleave', () => this.hideTip());
		view.addEventListener('dblclick', () => this.range.fit());
		view.addEventListener('keydown', (event) => this.key(event));
	}

	// The place of a pointer in the view.
	place(event) {
		const box = this.view.getBoundingClientRect();

		return { x: event.clientX - box.left - this.view.clientLeft,
			 y: event.clientY - box.top - this.view.clientTop };
	}

	lineAt(y) {
		return y < AXIS ? -1 : Math.floor((y - AXIS + this.view.scrollTop) / ROW);
	}

	wheel(event) {
		const { x } = this.place(event);
		const sideways = event.shiftKey ? event.deltaY : event.deltaX;

		if (event.ctrlKey || event.metaKey)
			this.range.zoom(Math.exp(Math.max(-100, Math.min(100, event.deltaY)) / 200), this.timeAt(x));
		else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
			this.range.pan(sideways / this.plotWidth);
		else
			return;
		event.preventDefault();
	}

	down(event) {
		const { x, y } = this.place(event);

		if (event.button || x > this.view.clientWidth)
			return;
		this.pointers.set(event.pointerId, x);
		this.view.setPointerCapture(event.pointerId);
		this.drag = { x, y, now: x, a: this.range.a, b: this.range.b,
			      pan: event.shiftKey || event.pointerType === 'touch', zoom: false };
		if (this.pointers.size === 2) {
			const [p, q] = [...this.pointers.values()];

			this.pinch = { p: this.timeAt(p), q: this.timeAt(q) };
		}
		this.hideTip();
	}

	move(event) {
		const { x, y } = this.place(event);

		if (this.pointers.has(event.pointerId))
			this.pointers.set(event.pointerId, x);
		if (this.pinch && this.pointers.size === 2) {
			this.pinchTo(...this.pointers.values());
		} else if (this.drag) {
			this.dragTo(x);
		} else {
			this.showTip(x, y);
		}
	}

	// Keep the two moments below the two fingers.
	pinchTo(p, q) {
		if (Math.abs(p - q) < 20)
			return;

		const scale = (this.pinch.q - this.pinch.p) / (q - p); /* seconds per pixel */

		if (scale <= 0)
			return;
		this.range.set(this.pinch.p - (p - this.gutter) * scale,
			this.pinch.p + (this.gutter + this.plotWidth - p) * scale);
	}

	dragTo(x) {
		const { drag } = this;

		drag.now = x;
		if (Math.abs(x - drag.x) > 4)
			drag.moved = true;
		if (!drag.moved)
			return;
		if (drag.pan) {
			const by = (drag.x - x) / this.plotWidth * (drag.b - drag.a);

			this.range.set(drag.a + by, drag.b + by);
		} else {
			drag.zoom = true;
			this.draw();
		}
	}

	up(event) {
		const { drag } = this;

		this.pointers.delete(event.pointerId);
		if (this.pinch) {
			if (!this.pointers.size)
				this.pinch = this.drag = null;
			return;
		}
		this.drag = null;
		if (!drag)
			return;
		if (drag.zoom)
			this.range.set(this.timeAt(Math.min(drag.x, drag.now)), this.timeAt(Math.max(drag.x, drag.now)));
		else if (!drag.moved)
			this.click(drag.x, drag.y);
		this.draw();
	}

	cancel(event) {
		this.pointers.delete(event.pointerId);
		this.drag = this.pinch = null;
		this.draw();
	}

	click(x, y) {
		const i = this.lineAt(y), line = this.lines[i];
		const mark = this.markAt(x, y);

		if (!line)
			return;
		this.selected = i;
		if (mark)
			this.actions.finding(mark.finding);
		else if (!line.row && x < this.gutter)
			this.toggle(line.node);
		if (x >= this.gutter)
			this.cursor = this.timeAt(x);
		this.speak();
	}

	markAt(x, y) {
		return (this.marks || []).find((mark) => Math.abs(mark.x - x) < 8 && Math.abs(mark.y - y) < ROW / 2);
	}

	key(event) {
		const actions = {
			'+': () => this.range.zoom(0.5, this.center()), '=': () => this.range.zoom(0.5, this.center()),
			'-': () => this.range.zoom(2, this.center()), _: () => this.range.zoom(2, this.center()),
			0: () => this.range.fit(),
			ArrowLeft: () => event.shiftKey ? this.toEvent(-1) : this.range.pan(-0.1),
			ArrowRight: () => event.shiftKey ? this.toEvent(1) : this.range.pan(0.1),
			ArrowUp: () => this.choose(-1), ArrowDown: () => this.choose(1),
			PageUp: () => this.choose(-20), PageDown: () => this.choose(20),
			Home: () => this.range.pan(-1e9), End: () => this.range.pan(1e9),
			Enter: () => this.enter(), ' ': () => this.enter(),
		};

		if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey)
			return;
		actions[event.key]();
		event.preventDefault();
		this.draw();
	}

	// The moment that stays where it is: the cursor, if it is in view.
	center() {
		const { a, b } = this.range;

		return this.cursor !== null && this.cursor >= a && this.cursor <= b ? this.cursor : (a + b) / 2;
	}

	choose(by) {
		const { view } = this;

		this.selected = Math.min(Math.max(this.selected + by, 0), this.lines.length - 1);

		const top = this.selected * ROW, room = view.clientHeight - AXIS - ROW;

		if (top < view.scrollTop)
			view.scrollTop = top;
		else if (top > view.scrollTop + room)
			view.scrollTop = top - room;
		this.speak();
	}

	// Move the cursor to the next event of the row, or to the one before.
	toEvent(by) {
		const line = this.lines[Math.max(0, this.selected)];
		const events = line.row ? [...line.row.spans.slice(1), ...line.row.marks] : line.node.changes;
		const times = [...new Set(events.map((event) => event.t))].sort((a, b) => a - b);
		const now = this.cursor ?? (by > 0 ? -Infinity : Infinity);
		const next = by > 0 ? times.find((t) => t > now) : times.filter((t) => t < now).pop();

		if (next === undefined)
			return;
		this.cursor = next;
		if (next < this.range.a || next > this.range.b)
			this.range.show(next, this.range.span);
		this.speak();
	}

	enter() {
		const line = this.lines[Math.max(0, this.selected)];

		if (!line.row)
			this.toggle(line.node);
		else
			this.actions.row(line.row);
	}

	// Show a finding or an event of the tables: its row, and some time around it.
	show(event) {
		const { row } = event;

		this.range.show(event.t);
		this.cursor = event.t;
		if (row) {
			this.collapsed.delete(row.node);
			this.filter.value = '';
			this.words = [];
			this.rebuild();
		}

		const i = this.lines.findIndex((line) => row ? line.row === row : line.node.n === event.node);

		if (i >= 0)
			this.selected = i;
		this.choose(0);
		this.view.focus({ preventScroll: true });
		this.element.scrollIntoView({ block: 'start', behavior: 'auto' });
		this.draw();
	}

	/* --- words --- */

	// Describe a line at a moment. Returns sentences.
	describe(line, t) {
		if (!line.row) {
			const node = line.node;
			const span = node.spans[pointBefore(node.spans, t)];
			const held = node.heldAt[Math.max(0, pointBefore(node.heldAt, t))];

			return [node.n < 0 ? 'no node' : `node ${node.n}: ${MEMORY_TEXT[span ? span.memory : MEMORY]}`,
				`${plural(held.held, 'structure')} held, ${bytesText(held.bytes)}`];
		}

		const { row } = line;
		const span = row.spans[pointBefore(row.spans, t)];
		const texts = [`${row.label}, node ${row.node}: ${span ? STATES[span.state].text : 'no event'}`];

		if (span?.event)
			texts.push(`${span.event.event} at ${timeText(span.t)}${this.cause(span.event)}`);
		else if (span)
			texts.push(`until ${timeText(row.spans[1].t)}`);
		return texts;
	}

	cause(event) {
		const task = event.comm === undefined ? '' : ` by ${event.comm}[${event.pid}]`;

		return (event.cause && event.cause !== 'none' ? ` (${event.cause})` : '') + task;
	}

	speak() {
		const line = this.lines[this.selected];

		if (!line)
			return;
		this.status.textContent = this.cursor === null ?
			this.describe(line, this.range.a).shift() :
			`${timeText(this.cursor)}: ${this.describe(line, this.cursor).join('; ')}`;
		this.draw();
	}

	showTip(x, y) {
		const line = this.lines[this.lineAt(y)];
		const mark = this.markAt(x, y);

		if (!line || x < this.gutter || x > this.gutter + this.plotWidth) {
			this.hideTip();
			this.view.style.cursor = line && !line.row && x < this.gutter ? 'pointer' : '';
			return;
		}
		this.view.style.cursor = mark ? 'pointer' : 'crosshair';

		const t = this.timeAt(x);
		const texts = mark ? [findingTitle(mark.finding), `${mark.finding.tier}, at ${timeText(mark.finding.t)}`,
			mark.count > 1 ? `${plural(mark.count, 'finding')} here; click for the first stack` : 'click for its stack'] :
			[timeText(t), ...this.describe(line, t)];

		this.tip.replaceChildren(...texts.map((text) => make('div', null, text)));
		this.tip.hidden = false;

		const left = x + 16 + this.tip.offsetWidth > this.width ? x - 16 - this.tip.offsetWidth : x + 16;

		this.tip.style.left = `${Math.max(0, left)}px`;
		this.tip.style.top = `${y + 14}px`;
	}

	hideTip() {
		this.tip.hidden = true;
	}
}
