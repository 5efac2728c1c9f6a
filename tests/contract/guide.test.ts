import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSubjects, type Language } from '../../scripts/guide/read-subjects.ts';
import { signIn, type SignedIn } from '../support/sign-in.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { trpcClient } from '../support/trpc-client.ts';

// A small sample of what scripts/guide/evaluate.ts measures, through the built server, and that the guide is there and goes as it should.

const { subjects } = readSubjects();
const answerOf = (subject: string, language: Language) => subjects.find(({ name }) => name === subject)![language].answer;

let server: RunningServer;
let admin: SignedIn;
const start = async (settings: Record<string, string> = {}) => {
	server = await startServer({ GUIDE: 'on', RATE_LIMIT_USER: '0', ...settings });
	admin = await signIn(server);
};
const names = async () => ((await (await admin.fetch('/api/models')).json()) as { id: string }[]).map(({ id }) => id);

async function ask(...said: string[]): Promise<string> {
	const messages = said.map((content, at) => ({ role: (said.length - at) % 2 ? 'user' : 'assistant', content }));
	const response = await admin.fetch('/api/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'guide', messages, stream: false, store: false }) });
	const answer = (await response.json()) as { choices?: { message: { content: string } }[] };
	expect(response.status, JSON.stringify(answer)).toBe(200);
	return answer.choices![0]!.message.content;
}

beforeAll(() => start());
afterAll(async () => {
	await server.stop();
	await rm(server.dataDir, { recursive: true, force: true });
});

describe('the guide', () => {
	it('is registered on the first start, and says what it is', async () => {
		expect(await names()).toEqual(['guide']);
		const [guide] = await trpcClient(server, admin).models.list.query();
		expect(guide).toMatchObject({ name: 'guide', source: 'local', local: { builtIn: true, purpose: 'generate' } });
		expect(guide!.description).toMatch(/tiny model.*only this program/);
		expect(await ask('who are you?')).toBe(answerOf('guide.what', 'en'));
	});

	it.each<[string, string, Language]>([
		['how do I add a model?', 'model.add', 'en'],
		['comment ajouter un modèle ?', 'model.add', 'fr'],
		['Where do I get an API key', 'key.create', 'en'],
		['j’ai oublié mon mot de passe', 'access.password.forgotten', 'fr'],
		['what does MODEL_NOT_FOUND mean?', 'error.MODEL_NOT_FOUND', 'en'],
		['à quoi sert la température ?', 'parameter.temperature', 'fr'],
		['what is the capital of France?', 'other', 'en'],
		['write me a poem about the sea', 'other', 'en'],
		['combien font 12 * 7 ?', 'other', 'fr']
	])('answers “%s” with %s', async (question, subject, language) => {
		expect(await ask(question)).toBe(answerOf(subject, language));
	});

	it('understands what a question refers to', async () => {
		expect(await ask('how do I add a model?', answerOf('model.add', 'en'), 'and how do I remove it?')).toBe(answerOf('model.remove', 'en'));
		expect(await ask('how do I add a user?', answerOf('user.add', 'en'), 'and how do I remove it?')).toBe(answerOf('user.remove', 'en'));
	});

	it('says by heart what it knows, whatever the parameters for all models are', async () => {
		await trpcClient(server, admin).parameters.set.mutate({ name: 'temperature', value: 2 });
		await trpcClient(server, admin).parameters.set.mutate({ name: 'repeatPenalty', value: 2 });
		expect(await ask('how do I add a model?')).toBe(answerOf('model.add', 'en'));
	});

	it('stays away once it was removed, until it is asked back', async () => {
		const client = trpcClient(server, admin);
		expect(await client.models.guide.query()).toEqual({ name: 'guide', restorable: false });
		await client.models.remove.mutate({ name: 'guide' });
		await server.stop({ keepData: true });
		await start({ DATA_DIR: server.dataDir });
		expect(await names()).toEqual([]);
		const again = trpcClient(server, admin);
		expect(await again.models.guide.query()).toEqual({ name: null, restorable: true });
		expect(await again.models.restoreGuide.mutate()).toMatchObject({ name: 'guide', local: { builtIn: true } });

		await again.models.remove.mutate({ name: 'guide' });
		const { stdout } = await promisify(execFile)(process.execPath, ['scripts/admin.ts', 'restore-guide'], {
			cwd: resolve(import.meta.dirname, '../..'),
			env: { PATH: process.env.PATH, DATA_DIR: server.dataDir }
		});
		expect(stdout).toContain('registered as "guide"');
		expect(await names()).toEqual(['guide']);
		expect(await ask('Qui es-tu ?')).toBe(answerOf('guide.what', 'fr'));
	});
});
