// SPDX-License-Identifier: GPL-2.0-only
// Numbers, bytes and times as text. Times are seconds since the start of the session.

const clock = { mode: 'start', wallMs: 0, longest: 0, listeners: [] };

function onClock(listener) {
	clock.listeners.push(listener);
}

function setClock(mode) {
	clock.mode = mode;
	for (const listener of clock.listeners)
		listener();
}

const numbers = new Intl.NumberFormat('en-US');

function numberText(n) {
	return numbers.format(n);
}

function plural(n, one, many) {
	return `${numberText(n)} ${n === 1 ? one : many || one + 's'}`;
}

function bytesText(n) {
	const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
	let unit = 0;

	while (Math.abs(n) >= 1024 && unit < units.length - 1) {
		n /= 1024;
		unit++;
	}
	if (unit === 0)
		return `${numberText(n)} ${n === 1 ? 'byte' : 'bytes'}`;
	return `${n >= 100 ? n.toFixed(0) : n.toFixed(1)} ${units[unit]}`;
}

// A share of a whole. Only what is whole is "100 %", and only what is nothing is "0 %".
function shareText(share) {
	const percent = 100 * share;

	if (percent <= 0)
		return '0 %';
	if (percent < 0.01)
		return '< 0.01 %';
	if (percent >= 100)
		return '100 %';
	return `${Math.min(percent, 99.99).toFixed(percent < 1 || percent > 99 ? 2 : 1)} %`;
}

// A length of time: "35 ms", "1.204 s", "2 h 3 m".
function durationText(seconds) {
	const s = Math.abs(seconds);

	if (s === 0)
		return '0 s';
	if (s < 1e-6)
		return `${Math.round(seconds * 1e9)} ns`;
	if (s < 1e-3)
		return `${+(seconds * 1e6).toPrecision(3)} µs`;
	if (s < 1)
		return `${+(seconds * 1e3).toPrecision(3)} ms`;
	if (s < 60)
		return `${+seconds.toPrecision(4)} s`;
	if (s < 3600)
		return `${Math.floor(seconds / 60)} m ${Math.round(seconds % 60)} s`;
	if (s < 86400)
		return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} m`;
	return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

function pad(n, digits) {
	return String(n).padStart(digits, '0');
}

// Write hours, minutes and seconds with `digits' of a fraction.
function timeOfDay(wallMs, digits, local) {
	const whole = Math.floor(wallMs / 1000);
	const date = new Date(whole * 1000);
	const hms = local ? [date.getHours(), date.getMinutes(), date.getSeconds()] :
		[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
	const fraction = Math.floor((wallMs / 1000 - whole) * 10 ** digits);

	return hms.map((n) => pad(n, 2)).join(':') + (digits ? '.' + pad(fraction, digits) : '');
}

// A moment, by the clock that is chosen. Hours and minutes are written if the run was that long.
function timeText(t, digits = 6) {
	if (clock.mode !== 'start')
		return timeOfDay(clock.wallMs + t * 1000, Math.min(digits, 6), clock.mode === 'local');
	if (clock.longest < 60)
		return `${t.toFixed(digits)} s`;

	const unit = 10 ** digits, all = Math.round(Math.abs(t) * unit);
	const whole = Math.floor(all / unit);
	const parts = [Math.floor(whole % 3600 / 60), whole % 60];

	if (clock.longest >= 3600)
		parts.unshift(Math.floor(whole / 3600));
	return (t < 0 ? '-' : '') + parts.map((n, i) => i ? pad(n, 2) : n).join(':') +
		(digits ? '.' + pad(all % unit, digits) : '');
}

// The distance of the marks on an axis of `span' seconds with room for `count'. Returns seconds.
function niceStep(span, count) {
	const rough = span / Math.max(1, count);
	const longer = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
	const power = 10 ** Math.floor(Math.log10(rough));

	if (rough < 1)
		return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
	return longer.find((n) => n >= rough) || Math.ceil(rough / 86400) * 86400;
}

// The digits of a fraction that distinguish the marks of an axis.
function stepDigits(step) {
	return step >= 1 ? 0 : Math.min(9, Math.ceil(-Math.log10(step) - 1e-9));
}

// Expand "0-1,4" to numbers.
function nodeList(text) {
	const nodes = [];

	for (const part of (text || '').split(',').filter(Boolean)) {
		const [first, last = first] = part.split('-').map(Number);

		for (let n = first; n <= last; n++)
			nodes.push(n);
	}
	return nodes;
}
