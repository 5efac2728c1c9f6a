import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
import { readMetrics } from '../support/metrics.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer } from '../support/start-server.ts';
import { trpcClient } from '../support/trpc-client.ts';

let first: ChatServer;
beforeAll(async () => (first = await startChatServer()));
afterAll(() => first.stop());

type Answer = { choices: { message: { content: string } }[]; usage: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } } };
const stateFiles = (dataDir: string) => readdirSync(join(dataDir, 'states'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.state'));

it('a conversation goes on after a restart without being read again, and what was kept goes with it', async () => {
	const question = { role: 'user', content: 'This is what I want to talk about, at some length. '.repeat(20) };
	const ask = async (post: (path: string, body: unknown) => Promise<Response>, body: object): Promise<{ answer: Answer; conversationId: string }> => {
		const response = await post('/api/chat', { model: 'endless', stream: false, temperature: 0, max_tokens: 12, ...body });
		return { answer: (await response.json()) as Answer, conversationId: response.headers.get('x-conversation-id')! };
	};
	const begun = await ask(first.post, { messages: [question] });
	const messages = [question, { role: 'assistant', content: begun.answer.choices[0]!.message.content }, { role: 'user', content: 'And then?' }];
	const { conversationId } = begun;
	// Nobody's cache: what the rest must be the same as.
	const other = await first.user('other');
	const fresh = await ask((path, body) => first.post(path, body, { token: other.token }), { messages, store: false });
	expect(fresh.answer.usage.prompt_tokens_details.cached_tokens).toBe(0);
	await first.stop({ keepData: true });
	expect(stateFiles(first.dataDir)).toHaveLength(1);

	const second = await startServer({ RATE_LIMIT_USER: '0', DATA_DIR: first.dataDir });
	try {
		const admin = await signIn(second);
		const post = (path: string, body: unknown) => admin.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
		const gone = await ask(post, { messages, conversationId });
		expect(gone.answer.usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(gone.answer.usage.prompt_tokens / 2);
		expect(gone.answer.choices[0]!.message.content).toBe(fresh.answer.choices[0]!.message.content);
		expect((await readMetrics(second))('kv_states_kept{where="disk"}')).toBe(1);

		await trpcClient(second, admin).conversations.remove.mutate({ id: conversationId });
		await vi.waitFor(() => expect(stateFiles(first.dataDir)).toEqual([]), 10_000);
	} finally {
		await second.stop({ keepData: true });
	}
	expect(stateFiles(first.dataDir)).toEqual([]);
}, 60_000);
