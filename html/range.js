// SPDX-License-Identifier: GPL-2.0-only
// The part of the time that the charts and the timeline show.

const MIN_SPAN = 1e-6;

class Range {
	constructor(first, last) {
		const span = Math.max(last - first, 1e-3);

		this.first = first - span / 100;
		this.last = first + span + span / 100;
		this.a = this.first;
		this.b = this.last;
		this.listeners = [];
	}

	get span() {
		return this.b - this.a;
	}

	get whole() {
		return this.a <= this.first && this.b >= this.last;
	}

	listen(listener) {
		this.listeners.push(listener);
	}

	// Show the time from a to b, within what there is.
	set(a, b) {
		const span = Math.min(Math.max(b - a, MIN_SPAN), this.last - this.first);

		a = Math.min(Math.max((a + b) / 2 - span / 2, this.first), this.last - span);
		b = a + span;
		if (span === this.last - this.first)
			[a, b] = [this.first, this.last];
		if (a === this.a && b === this.b)
			return;
		this.a = a;
		this.b = b;
		for (const listener of this.listeners)
			listener();
	}

	fit() {
		this.set(this.first, this.last);
	}

	// Multiply the span, and keep a moment where it is.
	zoom(factor, at = (this.a + this.b) / 2) {
		const span = Math.min(Math.max(this.span * factor, MIN_SPAN), this.last - this.first);
		const place = (at - this.a) / this.span;

		this.set(at - place * span, at + (1 - place) * span);
	}

	// Move by a share of the span.
	pan(share) {
		this.set(this.a + share * this.span, this.b + share * this.span);
	}

	// Show a moment, and some time around it.
	show(t, span = Math.min(this.span, (this.last - this.first) / 20)) {
		this.set(t - span / 2, t + span / 2);
	}
}
