import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guides, type Place } from '../../src/routes/(app)/connect/snippets.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

let server: ChatServer;
let place: Place;
beforeAll(async () => {
	server = await startChatServer({}, { temperature: 0 });
	place = { origin: server.url, key: (await server.trpc.keys.create.mutate({ name: 'lines' })).key, model: 'scripted' };
});
afterAll(() => server.stop());

/** Whose packages are here. */
const tried = ['openai-node', 'typed-client', 'websocket'];
const programs = guides.filter(({ id }) => tried.includes(id)).flatMap(({ id, blocks }) =>
	blocks({ origin: '', key: '', model: '' }).flatMap(({ language }, at) => (language === 'javascript' || language === 'typescript' ? [{ id, at }] : []))
);
const codeOf = (id: string, at: number) => guides.find((guide) => guide.id === id)!.blocks(place)[at]!.code;

describe('the lines on the Connect page', () => {
	it.each(programs)('$id runs as it is and shows the answer', async ({ id, at }) => {
		// As a module of the checkout, so that its packages, and itself, are what is imported.
		const { stdout } = await run(process.execPath, ['--input-type=module', '-e', codeOf(id, at)], { cwd: root, timeout: 25_000 });
		expect(stdout).toBe(sentence);
	});
});
