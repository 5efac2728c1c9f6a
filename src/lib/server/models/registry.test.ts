import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { brokenModelNames, projectorFile, splitModel, stubGguf, tinyModel, writeBrokenModel } from '../../../../tests/support/models.ts';
import { database, models } from '../db/index.ts';
import { events } from '../events.ts';
import { findRegistered, registeredModels, registerModels } from './registry.ts';

const never = new AbortController().signal;
const folder = temporaryFolder();
const tiny = tinyModel(folder);
const register = (...items: Parameters<typeof registerModels>[0]) => registerModels(items, never);
const errorsOf = (...items: Parameters<typeof registerModels>[0]) => register(...items).then(() => [], (error: { errors: string[] }) => error.errors);
const names = () => registeredModels().map((model) => model.name);

describe('registerModels', () => {
	freshDatabase();

	it('writes rows with what the file says, and tells everybody', async () => {
		let told = 0;
		const stop = events.on('models:changed', () => told++);
		expect(await register({ name: 'one', path: tiny }, { name: 'two', path: tiny, description: 'Mine' })).toBe(2);
		stop();
		expect(told).toBe(1);
		expect(registeredModels()).toMatchObject([
			{ name: 'one', description: 'Tiny Random 1M', family: 'llama', quantization: 'F16', contextLength: 2048, hasChatTemplate: true, missing: false },
			{ name: 'two', description: 'Mine' }
		]);
	});

	it('updates a name that is there, keeping its identity', async () => {
		await register({ name: 'one', path: tiny });
		const { id, createdAt } = findRegistered('one')!;
		const other = tinyModel(folder, { fileName: 'other.gguf', name: 'Other' });
		expect(await register({ name: 'one', path: other })).toBe(1);
		expect(registeredModels()).toMatchObject([{ id, createdAt, path: other, description: 'Other 1M' }]);
	});

	it('writes nothing when one item is bad, and says of each what is wrong', async () => {
		writeFileSync(join(folder, 'text.gguf'), 'no model');
		const errors = await errorsOf(
			{ name: 'good', path: tiny },
			{ name: 'absent', path: join(folder, 'none.gguf') },
			{ name: 'folder', path: folder },
			{ name: 'text', path: join(folder, 'text.gguf') },
			{ name: 'good', path: tiny },
			{ name: 'projector', path: projectorFile(folder) }
		);
		expect(errors).toHaveLength(5);
		for (const [index, name] of ['absent', 'folder', 'text', 'good', 'projector'].entries()) expect(errors[index]).toMatch(new RegExp(`^${name}: `));
		expect(names()).toEqual([]);
	});

	// That a tensor its architecture needs is missing only llama.cpp knows, at the load.
	it.each(brokenModelNames.filter((name) => name !== 'missing-tensor'))('refuses the broken file "%s"', async (name) => {
		expect(await errorsOf({ name: 'broken', path: writeBrokenModel(folder, name) })).toEqual([expect.stringMatching(/^broken: /)]);
	});

	it('refuses a file that has a header and nothing more', async () => {
		writeFileSync(join(folder, 'stub.gguf'), stubGguf());
		expect(await errorsOf({ name: 'stub', path: join(folder, 'stub.gguf') })).toHaveLength(1);
	});

	it('counts all parts of a split model, and refuses its later ones', async () => {
		const [first, second] = splitModel(folder);
		await register({ name: 'split', path: first! });
		expect(findRegistered('split')!.sizeBytes).toBe(statSync(first!).size + statSync(second!).size);
		expect(await errorsOf({ name: 'second', path: second! })).toHaveLength(1);
	});

	it('stops when its signal fires', async () => {
		await expect(registerModels([{ name: 'one', path: tiny }], AbortSignal.abort())).rejects.toThrow('aborted');
		expect(names()).toEqual([]);
	});
});

describe('findRegistered', () => {
	freshDatabase();
	const given = async (name: string, aliases: string[] = []) => {
		await register({ name, path: tiny });
		database().update(models).set({ aliases }).where(eq(models.name, name)).run();
	};

	it('finds by name, by alias, in any case, and with :latest', async () => {
		await given('Qwen3-4B', ['fast', 'Org/Small']);
		for (const name of ['Qwen3-4B', 'qwen3-4b', 'fast', 'FAST', 'org/small', 'qwen3-4b:latest', 'fast:latest']) expect(findRegistered(name)?.name).toBe('Qwen3-4B');
		for (const name of ['qwen3', 'fas', ':latest', '', 'qwen3-4b:latest:latests', '%', 'Qwen3_4B']) expect(findRegistered(name)).toBeUndefined();
	});

	it('prefers the exact name to another case, and a name to an alias', async () => {
		await given('Model', ['other']);
		await given('model');
		expect(findRegistered('Model')?.name).toBe('Model');
		expect(findRegistered('model')?.name).toBe('model');
		expect(findRegistered('MODEL')).toBeDefined();
	});

	it('does not let a registration take the alias of another model', async () => {
		await given('one', ['Fast']);
		expect(await errorsOf({ name: 'fast', path: tiny })).toEqual(['fast: the model "one" has this name as an alias']);
	});
});
