import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenModelNames, brokenModels, writeBrokenModel } from './broken.ts';
import { probeModel } from './probe.ts';

const dir = mkdtempSync(join(tmpdir(), 'broken-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const named = (unchecked: string | undefined) => brokenModelNames.filter((name) => brokenModels[name].unchecked === unchecked);

describe('brokenModels', () => {
	it('are refused by node-llama-cpp', async () => {
		const paths = named(undefined).map((name) => writeBrokenModel(dir, name));
		expect(await probeModel({ path: '', tryAll: [...paths] })).toEqual({ loaded: [] });
	});

	it.each([...named('loading aborts'), ...named('reading aborts')])('%s ends the process that opens it', async (name) => {
		await expect(probeModel({ path: writeBrokenModel(dir, name) })).rejects.toMatchObject({ signal: 'SIGABRT' });
	});

	it.each(named('reading hangs'))('%s holds the process that opens it', async (name) => {
		await expect(probeModel({ path: writeBrokenModel(dir, name) }, 3000)).rejects.toMatchObject({ killed: true });
	});

	it('are different files, the same each time', () => {
		const contents = brokenModelNames.map((name) => readFileSync(writeBrokenModel(dir, name)).toString('latin1'));
		expect(new Set(contents).size).toBe(brokenModelNames.length);
		expect(brokenModelNames.map((name) => brokenModels[name].bytes().toString('latin1'))).toEqual(contents);
	});
});
