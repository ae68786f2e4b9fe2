// SPDX-License-Identifier: GPL-2.0-only
// Findings, those of the same kind and place together, each with both stacks.

const FINDINGS_SHOWN = 30;

function findingHead(finding) {
	switch (finding.strength) {
	case 'confirmed': return finding.tier === 'canary' ? 'stale write confirmed' : 'stale access confirmed';
	case 'exposure': return 'reader in flight across a free';
	default: return 'suspected stale access';
	}
}

function findingTitle(finding) {
	const by = finding.function ? `${finding.function}()` : 'unknown code';

	return `${findingHead(finding)}: ${by}, ${finding.cache || 'unknown cache'}, node ${finding.node}`;
}

class Findings {
	constructor(trace, element, actions) {
		this.trace = trace;
		this.actions = actions;
		this.groups = [...trace.findings.values()].sort((a, b) =>
			STRENGTHS.indexOf(b.first.strength) - STRENGTHS.indexOf(a.first.strength) || b.count - a.count);
		this.list = make('div.findings');
		this.shown = 0;
		if (!this.groups.length) {
			element.append(make('p.box', null, this.noneText(), ' ',
				make('a', { href: '#coverage' }, 'Coverage'), ' has what was watched.'));
			return;
		}
		this.table = addTable({
			id: 'findings-table', caption: 'Findings by place', rows: this.groups, sort: 0,
			columns: this.columns(), descending: true,
		});
		this.more = make('button', { type: 'button', onclick: () => this.showMore() });
		element.append(this.table.element, this.list, this.more);
		this.showMore();
		onClock(() => this.again());
	}

	noneText() {
		const { summary } = this.trace;

		if (!summary)
			return 'No finding was written before the page ends.';
		return summary.detection ? 'No access to a freed structure was seen.' : 'Accesses to freed structures were not looked for.';
	}

	columns() {
		const first = (name) => ({
			value: (group) => group.first[name] ?? '', text: (group) => String(group.first[name] ?? '') || '–',
		});

		return [
			{ name: 'Strength', value: (group) => STRENGTHS.indexOf(group.first.strength),
			  text: (group) => group.first.strength, cell: (group) => strengthBadge(group.first.strength) },
			{ name: 'Function', ...first('function'), cell: (group) => make('button.link', {
				type: 'button', title: 'Show both stacks', onclick: () => this.open(group),
			}, group.first.function || '(unknown)') },
			{ name: 'Cache', ...first('cache') },
			{ name: 'Node', num: true, always: true, ...first('node') },
			{ name: 'Tier', minor: true, ...first('tier') },
			{ name: 'Task', minor: true, ...first('comm') },
			{ name: 'Count', num: true, value: (group) => group.count, text: (group) => numberText(group.count) },
			{ name: 'First', num: true, minor: true, value: (group) => group.first.t,
			  text: (group) => timeText(group.first.t) },
		];
	}

	showMore() {
		const groups = this.groups.slice(this.shown, this.shown + FINDINGS_SHOWN);

		this.shown += groups.length;
		this.list.append(...groups.map((group) => this.card(group)));
		this.more.hidden = this.shown >= this.groups.length;
		this.more.textContent = `Show more (${numberText(this.groups.length - this.shown)})`;
	}

	// Write the times again, by another clock.
	again() {
		const open = new Set(this.groups.filter((group) => group.card?.open));

		for (const group of this.groups.slice(0, this.shown)) {
			const old = group.card;

			old.replaceWith(this.card(group));
			group.card.open = open.has(group);
		}
	}

	// Open a finding and move there.
	open(group) {
		while (!group.card && this.shown < this.groups.length)
			this.showMore();
		group.card.open = true;
		group.card.scrollIntoView({ block: 'start' });
		group.card.querySelector('summary').focus({ preventScroll: true });
	}

	card(group) {
		const { first } = group;

		group.card = make('details.finding', { open: this.groups.length === 1 },
			make('summary', null, strengthBadge(first.strength), ' ', findingTitle(first),
				group.count > 1 ? make('span.count', null, ` × ${numberText(group.count)}`) : null));
		group.card.addEventListener('toggle', () => this.fill(group), { once: true });
		if (group.card.open)
			this.fill(group);
		return group.card;
	}

	fill(group) {
		if (group.card.children.length > 1)
			return;
		group.card.append(this.facts(group), make('div.stacks', null,
			stack(`Access${taskText(group.first)}`, group.first.stack),
			stack(`Free${taskText(group.first.freed_by)}`, group.first.freed_stack)),
			make('button', { type: 'button', onclick: () => this.actions.show(group.first) }, 'Show in the timeline'));
	}

	facts(group) {
		const { first, last, count } = group;
		const list = make('dl.facts');
		const fact = (name, value) => {
			if (value !== undefined && value !== null && value !== '')
				list.append(make('dt', null, name), make('dd', null, String(value)));
		};

		fact('Tier', first.tier);
		fact('Proof', first.proof === 'none' ? 'none: the order of free and access is not known' : first.proof);
		fact('Time', count > 1 ? `${timeText(first.t)} to ${timeText(last.t)}, ${numberText(count)} times` : timeText(first.t));
		fact('Freed before', first.freed_ns && first.time_ns >= first.freed_ns ?
			durationText((first.time_ns - first.freed_ns) / 1e9) : '');
		fact('In flight for', first.window_ns === undefined ? '' : durationText(first.window_ns / 1e9));
		fact('Structure', first.address);
		fact('Field', first.field);
		fact('Source', first.source);
		fact('Value', first.value);
		fact('CPU', first.cpu);
		for (const change of first.changes || [])
			fact(`+${change.offset} ${change.field}`, `${change.old} became ${change.new}`);
		if (first.registers)
			fact('Registers', Object.entries(first.registers).map(([name, value]) => `${name}=${value}`).join(' '));
		return list;
	}

	print(on) {
		for (const group of this.groups.slice(0, this.shown)) {
			group.wasOpen = on ? group.card.open : group.wasOpen;
			group.card.open = on || group.wasOpen;
			this.fill(group);
		}
	}
}

function strengthBadge(strength) {
	const icon = { confirmed: '◆', exposure: '▲', suspect: '○' }[strength] || '';

	return make(`span.badge.${strength}`, null, make('span', { 'aria-hidden': 'true' }, icon), ' ' + strength);
}

function taskText(task) {
	return task && task.comm !== undefined ? `: ${task.comm}[${task.pid}]` : ': unknown task';
}

function stack(title, frames) {
	return make('div.stack', null, make('h3', null, title),
		frames && frames.length ? make('ol', null, ...frames.map((frame) => make('li', null, frame))) :
			make('p', null, 'The stack is not known.'));
}
