// SPDX-License-Identifier: GPL-2.0-only
//
// TAP for the programs of this folder.

let tests = 0, failures = 0;

// Print a test point, and the first details if it failed.
export function ok(passed, name, ...details)
{
	console.log(`${passed ? '' : 'not '}ok ${++tests} - ${name}`);
	failures += !passed;
	for (const detail of passed ? [] : details.slice(0, 5))
		console.log(`# ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
}

// Return the text of a value, with the keys of objects in order.
export function canonical(value)
{
	return JSON.stringify(value, (key, v) => v && typeof v === 'object' && !Array.isArray(v) ?
		Object.fromEntries(Object.entries(v).sort()) : v);
}

// Compare two lists, whose order does not matter.
export function same(found, wanted, name)
{
	const [a, b] = [found, wanted].map((list) => list.map(canonical).sort());
	const lacks = b.filter((e) => !a.includes(e)), more = a.filter((e) => !b.includes(e));

	ok(canonical(a) === canonical(b), `${name} (${wanted.length})`, `${a.length} of ${b.length}`,
		...lacks.slice(0, 2).map((e) => `lacks ${e}`), ...more.slice(0, 2).map((e) => `has ${e}`));
}

// Print the plan. Ends the program.
export function finish()
{
	console.log(`1..${tests}`);
	process.exit(failures ? 1 : 0);
}
