// SPDX-License-Identifier: GPL-2.0-only
// Light and dark: that of the system, or the reader's choice. A canvas asks here for its colors.

const themes = ['system', 'light', 'dark'];
const theme = { choice: 'system', colors: {}, listeners: [] };

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

function themeChanged() {
	theme.colors = {};
	for (const listener of theme.listeners)
		listener();
}

function setTheme(choice) {
	theme.choice = choice;
	if (choice === 'system')
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = choice;
	byId('theme').lastElementChild.textContent = choice;
	byId('theme').setAttribute('aria-label', `Theme: ${choice}`);
	themeChanged();
}

// A page that is opened from a file may have no storage.
function storedTheme() {
	try {
		return localStorage.getItem('slubnode-trace-theme');
	} catch {
		return null;
	}
}

function storeTheme() {
	try {
		localStorage.setItem('slubnode-trace-theme', theme.choice);
	} catch {
		// The choice is that of this page alone.
	}
}

function startTheme() {
	const stored = storedTheme();

	byId('theme').addEventListener('click', () => {
		setTheme(themes[(themes.indexOf(theme.choice) + 1) % themes.length]);
		storeTheme();
	});
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', themeChanged);
	if (themes.includes(stored))
		setTheme(stored);
	// Paper is white. The colors are read again when a canvas is drawn for it.
	addEventListener('beforeprint', () => {
		document.documentElement.dataset.print = '';
		themeChanged();
	});
	addEventListener('afterprint', () => {
		delete document.documentElement.dataset.print;
		themeChanged();
	});
}
