import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { tinyModel } from '../../../../tests/support/models.ts';
import { readConfig, writeConfig } from '../config/config.ts';
import { setParameter } from '../parameters/parameters.ts';
import { parametersFor } from '../parameters/values.ts';
import { pinModel, renameModel, updateModel } from './change.ts';
import { loadModel } from './load.ts';
import { localModels } from './local.ts';
import { findRegistered, registeredModels, registerModels } from './registry.ts';
import { removeModel, restoreModel } from './remove.ts';
import { closePool, openPool, pool } from './running.ts';

const never = new AbortController().signal;
const tiny = tinyModel(temporaryFolder());

describe('changing registered models', () => {
	freshDatabase();
	beforeEach(async () => {
		openPool();
		await registerModels([{ name: 'one', path: tiny }, { name: 'two', path: tiny }], never);
	});
	afterEach(closePool);

	it('renames, and the default model and its parameters stay what they are', () => {
		writeConfig({ defaultModel: 'one' });
		setParameter('temperature', 0.1, findRegistered('one')!.id);
		expect(renameModel('one', 'uno')).toMatchObject({ name: 'uno' });
		expect(readConfig().models.defaultModel).toBe('uno');
		expect(parametersFor(findRegistered('uno')!.id).temperature).toBe(0.1);
		expect(findRegistered('one')).toBeUndefined();
	});

	it('refuses a name that another model goes by', () => {
		updateModel('two', { aliases: ['second'] });
		for (const name of ['two', 'TWO', 'Second']) expect(() => renameModel('one', name)).toThrow(/"two" has the name/);
		expect(renameModel('one', 'One')).toMatchObject({ name: 'One' });
		expect(() => renameModel('none', 'x')).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }));
	});

	it('lets an alias become the name', () => {
		updateModel('one', { aliases: ['uno', 'first'] });
		expect(renameModel('one', 'UNO')).toMatchObject({ name: 'UNO', aliases: ['first'] });
	});

	it('sets description and aliases by themselves; aliases are unique against names and each other', () => {
		updateModel('one', { aliases: ['a', 'A', 'b'] });
		expect(updateModel('one', { description: 'First' })).toMatchObject({ description: 'First', aliases: ['A', 'b'] });
		expect(() => updateModel('one', { aliases: ['ONE'] })).toThrow(expect.objectContaining({ errors: [expect.stringContaining("is the model's name")] }));
		expect(() => updateModel('two', { aliases: ['B'] })).toThrow(expect.objectContaining({ errors: [expect.stringContaining('"one"')] }));
		expect(() => updateModel('two', { aliases: ['one'] })).toThrow();
		expect(updateModel('one', { aliases: [] }).aliases).toEqual([]);
	});

	it('pins a model that is loaded', async () => {
		await loadModel('one', never);
		pinModel('one', true);
		expect(pool().states()[0]).toMatchObject({ phase: 'running', pinned: true });
		pinModel('one', false);
		expect(pool().states()[0]).toMatchObject({ pinned: false });
	});

	it('removes a loaded model with all that is kept of it, but not its file', async () => {
		writeConfig({ defaultModel: 'one' });
		const { id } = findRegistered('one')!;
		setParameter('temperature', 0.1, id);
		await loadModel('one', never);
		await removeModel('one');
		expect(registeredModels().map((model) => model.name)).toEqual(['two']);
		expect(pool().states()).toEqual([]);
		expect(readConfig().models.defaultModel).toBeNull();
		expect(parametersFor(id).temperature).toBe(parametersFor('').temperature);
		await registerModels([{ name: 'one', path: tiny }], never);
		expect(localModels()).toMatchObject([{ name: 'one', status: 'stopped' }, { name: 'two' }]);
	});

	it('takes a removal back: with its aliases, its pin and its parameters, and as the default model', async () => {
		writeConfig({ defaultModel: 'one' });
		const { id } = findRegistered('one')!;
		setParameter('temperature', 0.1, id);
		updateModel('one', { aliases: ['first'] });
		pinModel('one', true);
		const before = findRegistered('one')!;
		await removeModel('first');
		expect(restoreModel('one')).toEqual(before);
		expect(findRegistered('first')).toEqual(before);
		expect(parametersFor(id).temperature).toBe(0.1);
		expect(readConfig().models.defaultModel).toBe('one');
		expect(() => restoreModel('one')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
		await loadModel('one', never);
		expect(localModels()).toMatchObject([{ name: 'one', status: 'running' }, { name: 'two' }]);
	});

	it('does not take a removal back over a model that has the name meanwhile', async () => {
		updateModel('one', { aliases: ['first'] });
		await removeModel('one');
		renameModel('two', 'First');
		expect(() => restoreModel('one')).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
		renameModel('First', 'two');
		expect(restoreModel('one')).toMatchObject({ name: 'one' });
	});
});
