import { describe, expect, it } from 'vitest';
import { reasonIn } from './engine-exit.ts';

describe("an engine's last words", () => {
	it('are the lines that say why, not the trace around them', () => {
		const output = 'loading\n/build/src/llama-model.cpp:123: GGML_ASSERT(n_head > 0) failed\n 1: 0x7f75f358f08d\n\n 2: main\n';
		expect(reasonIn(output)).toBe('llama-model.cpp:123: GGML_ASSERT(n_head > 0) failed');
	});

	it('are the last lines when none says why', () => {
		expect(reasonIn('one\ntwo\nthree\nfour\nfive\n')).toBe('two\nthree\nfour\nfive');
	});

	it('name no folder', () => {
		expect(reasonIn("Error: Cannot open '/home/ann/secret models/x.gguf' (file:///srv/app/build/engine.js:3:4) C:\\Users\\ann\\x.gguf")).not.toMatch(/home|ann\/|srv|Users/);
		expect(reasonIn('error: /etc/x and https://example.org/a/b')).toContain('x and https:');
	});
});
