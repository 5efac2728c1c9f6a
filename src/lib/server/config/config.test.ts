import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { configChangeSchema } from '../../contract/rest/config.ts';
import { sentencesOf } from '../errors.ts';
import { events } from '../events.ts';
import { readConfig, writeConfig } from './config.ts';
import { environmentSettings } from './environment.ts';

const errorsOf = (change: unknown) => {
	const parsed = configChangeSchema.safeParse(change);
	return parsed.success ? [] : sentencesOf(parsed.error);
};

describe('the configuration', () => {
	freshDatabase();

	it('has document A\'s two sections and the defaults', () => {
		expect(readConfig()).toEqual({ app: { name: 'Llama Runner Async Proxy', version: expect.any(String), port: expect.any(Number) }, models: { defaultModel: null, maxConcurrent: 3 } });
	});

	it('merges what is given into what is, null included', () => {
		expect(writeConfig({ maxConcurrent: 5 }).models).toEqual({ defaultModel: null, maxConcurrent: 5 });
		expect(writeConfig({ defaultModel: 'mistral-7b' }).models).toEqual({ defaultModel: 'mistral-7b', maxConcurrent: 5 });
		expect(writeConfig({ defaultModel: null }).models).toEqual({ defaultModel: null, maxConcurrent: 5 });
		expect(readConfig().models).toEqual({ defaultModel: null, maxConcurrent: 5 });
	});

	it('announces what has changed, and nothing when nothing has', () => {
		const told: string[][] = [];
		const stop = events.on('config:changed', ({ paths }) => told.push(paths));
		writeConfig({ maxConcurrent: 4, defaultModel: 'a' });
		writeConfig({ maxConcurrent: 4 });
		writeConfig({});
		stop();
		expect(told).toEqual([['models.maxConcurrent', 'models.defaultModel']]);
	});

	it.each([
		[{}, []],
		[{ models: {} }, []],
		[{ models: { defaultModel: null } }, []],
		[null, ['The body must be an object']],
		[[], ['The body must be an object']],
		['text', ['The body must be an object']],
		[{ model: {}, x: 1 }, ['model, x: unknown; known: app, models']],
		[{ models: { maxConcurent: 1 } }, ['models.maxConcurent: unknown; known: models.defaultModel, models.maxConcurrent']],
		[{ app: { host: 'x' } }, ['app.host: unknown; known: app.name, app.version, app.port, which can only be read']],
		[{ models: 5 }, ['models must be an object']],
		[{ models: null }, ['models must be an object']],
		[{ app: { port: '3000' } }, ['app.port must be a number']],
		[{ models: { defaultModel: 5 } }, ['models.defaultModel must be the name of a model, or null']],
		...[0, 65, 1.5, '3', null, true].map((maxConcurrent) => [{ models: { maxConcurrent } }, ['models.maxConcurrent must be a whole number from 1 to 64']] as [unknown, string[]])
	])('judges %j as %j', (change, errors) => expect(errorsOf(change)).toEqual(errors));
});

describe('what the environment decides', () => {
	it('is shown whole, and of a secret only whether it is set', () => {
		const shown = Object.fromEntries(environmentSettings().map(({ name, value }) => [name, value]));
		expect(shown).toMatchObject({ HOST: '127.0.0.1', API_ACCESS: 'auto', JWT_SECRET: '', ADMIN_PASSWORD: '' });
	});
});
