// SPDX-License-Identifier: GPL-2.0-only
// Elements of the page. Names from the trace become text nodes only, never markup.

// Create an element: make('td.num', { title: 'x' }, 'text', child...). Returns it.
function make(tag, attributes, ...children) {
	const [name, ...classes] = tag.split('.');
	const element = document.createElement(name);

	if (classes.length)
		element.className = classes.join(' ');
	for (const [key, value] of Object.entries(attributes || {})) {
		if (key.startsWith('on'))
			element.addEventListener(key.slice(2), value);
		else if (value === true)
			element.setAttribute(key, '');
		else if (value !== false && value !== undefined && value !== null)
			element.setAttribute(key, value);
	}
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

function byId(id) {
	return document.getElementById(id);
}

// Call a function at most once for each frame. Returns the function to call instead.
function eachFrame(draw) {
	let waiting = false;

	return () => {
		if (waiting)
			return;
		waiting = true;
		requestAnimationFrame(() => {
			waiting = false;
			draw();
		});
	};
}

// Call a function when `ms' have passed since the last call. Returns the function to call instead.
function debounce(ms, call) {
	let timer = 0;

	return (...args) => {
		clearTimeout(timer);
		timer = setTimeout(() => call(...args), ms);
	};
}
