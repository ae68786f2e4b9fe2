// SPDX-License-Identifier: GPL-2.0-only
// A table that sorts, searches and turns pages, so that 100,000 rows are as fast as 100.
//
// A column: { name, title, value(row) to sort by, text(row) to read and search, cell(row) for an
// element in place of the text, num: digits, minor: not shown on a phone }.

const PAGE_ROWS = 50;
const PRINT_ROWS = 200;

class Table {
	constructor({ id, caption, columns, rows, sort = 0, descending = false, empty = 'No rows' }) {
		Object.assign(this, { id, columns, rows, empty });
		this.sorted = { column: sort, descending };
		this.page = 0;
		this.words = [];
		this.order = [];
		this.head = make('tr');
		this.body = make('tbody');
		this.status = make('span.status', { role: 'status', id: id + '-status' });
		this.search = make('input', {
			type: 'search', placeholder: 'Search', 'aria-label': `Search: ${caption}`,
			id: id + '-search',
			oninput: debounce(120, () => this.find(this.search.value)),
		});
		this.previous = this.pager('Previous', -1);
		this.next = this.pager('Next', 1);
		this.table = make('table', { 'aria-describedby': id + '-status' },
			make('caption.hidden', null, caption), make('thead', null, this.head), this.body);
		this.element = make('div.table', { id },
			make('div.tools', null, this.search, this.status,
				make('span.pager', null, this.previous, this.next)),
			make('div.scroll', { tabindex: 0, role: 'region', 'aria-label': caption }, this.table));
		this.putHead();
		this.find('');
	}

	pager(name, by) {
		return make('button', { type: 'button', onclick: () => this.turn(by) }, name);
	}

	turn(by) {
		this.page += by;
		this.put();
	}

	putHead() {
		this.head.replaceChildren(...this.columns.map((column, i) => {
			const sorted = this.sorted.column === i;
			const way = this.sorted.descending ? 'descending' : 'ascending';

			return make(this.classOf('th', column), { scope: 'col', 'aria-sort': sorted ? way : 'none' },
				make('button', { type: 'button', title: column.title, onclick: () => this.sortBy(i) },
					make('span', null, column.name),
					make('span.arrow', { 'aria-hidden': 'true' },
						!sorted ? '' : this.sorted.descending ? '▼' : '▲')));
		}));
	}

	classOf(tag, column) {
		return tag + (column.num ? '.num' : '') + (column.minor ? '.minor' : '');
	}

	// Numbers begin with the greatest.
	sortBy(i) {
		const again = this.sorted.column === i;

		this.sorted = { column: i, descending: again ? !this.sorted.descending : !!this.columns[i].num };
		this.putHead();
		this.head.children[i].firstChild.focus({ preventScroll: true });
		this.sort();
	}

	sort() {
		const { column, descending } = this.sorted;
		const values = new Map(this.order.map((row) => [row, this.columns[column].value(row)]));
		const sign = descending ? -1 : 1;
		const collator = new Intl.Collator('en', { numeric: true });

		this.order.sort((a, b) => {
			const x = values.get(a), y = values.get(b);

			return sign * (typeof x === 'string' && typeof y === 'string' ? collator.compare(x, y) :
				x < y ? -1 : x > y ? 1 : 0);
		});
		this.page = 0;
		this.put();
	}

	// The text of a row in which a word is searched.
	textOf(row) {
		if (!this.texts)
			this.texts = new Map();

		let text = this.texts.get(row);

		if (text === undefined) {
			text = this.columns.map((column) => column.text(row)).join('\n').toLowerCase();
			this.texts.set(row, text);
		}
		return text;
	}

	// Show the rows that contain each word.
	find(words) {
		this.words = words.toLowerCase().split(/\s+/).filter(Boolean);
		this.order = this.words.length ?
			this.rows.filter((row) => this.words.every((word) => this.textOf(row).includes(word))) :
			[...this.rows];
		this.sort();
	}

	// Search for words, as if the reader had typed them.
	look(words) {
		this.search.value = words;
		this.find(words);
	}

	// The rows show other text than before: the times are of another clock.
	refresh() {
		this.texts = null;
		this.put();
	}

	put() {
		const count = this.order.length;
		const all = this.printing ? Math.min(count, PRINT_ROWS) : PAGE_ROWS;
		const pages = Math.max(1, Math.ceil(count / PAGE_ROWS));

		this.page = Math.min(Math.max(this.page, 0), pages - 1);

		const first = this.printing ? 0 : this.page * PAGE_ROWS;
		const shown = this.order.slice(first, first + all);

		this.body.replaceChildren(...shown.map((row) => this.putRow(row)));
		if (!shown.length)
			this.body.append(make('tr', null, make('td.none', { colspan: this.columns.length },
				this.words.length ? 'No row contains these words' : this.empty)));
		this.status.textContent = this.statusText(first, shown.length);
		this.previous.disabled = this.page === 0;
		this.next.disabled = this.page === pages - 1;
		this.previous.parentNode?.classList.toggle('idle', pages === 1);
	}

	statusText(first, shown) {
		const count = this.order.length, total = this.rows.length;
		const of = count === total ? numberText(total) :
			`${numberText(count)} found among ${numberText(total)}`;

		return shown === count ? plural(count, 'row') + (count === total ? '' : ` among ${numberText(total)}`) :
			`${numberText(first + 1)}–${numberText(first + shown)} of ${of}`;
	}

	putRow(row) {
		return make('tr', null, ...this.columns.map((column) =>
			make(this.classOf('td', column), null, column.cell ? column.cell(row) : column.text(row))));
	}

	print(on) {
		this.printing = on;
		this.put();
	}
}

const tables = []; /* of the page */

function addTable(options) {
	const table = new Table(options);

	tables.push(table);
	return table;
}

function timeColumn() {
	return { name: 'Time', num: true, always: true, value: (row) => row.t, text: (row) => timeText(row.t) };
}

// A column of counts; "0" is not emphasized.
function countColumn(name, title, value, text = numberText) {
	return { name, title, value, num: true, text: (row) => text(value(row)),
		 cell: (row) => make(value(row) ? 'span' : 'span.zero', null, text(value(row))) };
}

// Drop the columns of counts that are zero in all rows.
function usedColumns(columns, rows) {
	return columns.filter((column) => !column.num || column.always ||
		rows.some((row) => column.value(row)));
}
