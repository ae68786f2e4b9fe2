// SPDX-License-Identifier: GPL-2.0-only
// Light and dark: that of the system, or the reader's choice. A canvas asks here for its colors.
//
// The root element has the attribute data-dark while the page is dark.

const themes = ['system', 'light', 'dark'];
const theme = { choice: storedTheme(), printing: false, colors: {}, listeners: [] };
const systemDark = matchMedia('(prefers-color-scheme: dark)');

function onTheme(listener) {
	theme.listeners.push(listener);
}

// A color of page.css, by the name of its variable.
function color(name) {
	if (!theme.colors[name])
		theme.colors[name] = getComputedStyle(document.documentElement)
			.getPropertyValue('--' + name).trim();
	return theme.colors[name];
}

function applyTheme() {
	const dark = theme.choice === 'system' ? systemDark.matches : theme.choice === 'dark';

	document.documentElement.toggleAttribute('data-dark', dark && !theme.printing); /* paper is white */
	theme.colors = {};
	for (const listener of theme.listeners)
		listener();
}

// A page that is opened from a file may have no storage.
function storedTheme() {
	try {
		const stored = localStorage.getItem('slubnode-trace-theme');

		return themes.includes(stored) ? stored : 'system';
	} catch {
		return 'system';
	}
}

function storeTheme() {
	try {
		localStorage.setItem('slubnode-trace-theme', theme.choice);
	} catch {
		// The choice is that of this page alone.
	}
}

function nameTheme() {
	byId('theme').lastElementChild.textContent = theme.choice;
	byId('theme').setAttribute('aria-label', `Theme: ${theme.choice}`);
}

function startTheme() {
	nameTheme();
	byId('theme').addEventListener('click', () => {
		theme.choice = themes[(themes.indexOf(theme.choice) + 1) % themes.length];
		nameTheme();
		storeTheme();
		applyTheme();
	});
}

// The colors are read again when a canvas is drawn for paper.
function printTheme(on) {
	theme.printing = on;
	applyTheme();
}

// This runs before the page is painted for the first time.
applyTheme();
systemDark.addEventListener('change', applyTheme);
addEventListener('beforeprint', () => printTheme(true));
addEventListener('afterprint', () => printTheme(false));
