import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatRequestInput } from '../../../src/lib/contract/chat.ts';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { followAnswer, saidIn } from '../../support/follow-answer.ts';
import { untilMetrics } from '../../support/metrics.ts';
import { trpcSocket, type TrpcSocket } from '../../support/trpc-client.ts';

const ask: ChatRequestInput = { model: 'scripted', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0 };
const endless: ChatRequestInput = { model: 'endless', messages: [{ role: 'user', content: 'Go on.' }], max_tokens: 30_000 };

let server: ChatServer;
let page: TrpcSocket;
beforeAll(async () => {
	server = await startChatServer({}, { contextLength: 32_768 });
	page = trpcSocket(server, { token: server.admin.token });
});
afterAll(async () => {
	await page.close();
	await server.stop();
});
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', (error: { data: { appCode: string } }) => error.data.appCode);

describe('chat.start, chat.events and chat.stop', () => {
	it('tell an answer in rows from accepted to finish, with rising ids', async () => {
		const { answerId, conversationId } = await server.trpc.chat.start.mutate(ask);
		const rows = await followAnswer(page.client, answerId);
		expect(rows[0]!.event).toMatchObject({ type: 'accepted', conversationId });
		expect(saidIn(rows)).toBe(sentence);
		expect(rows.at(-2)!.event).toMatchObject({ type: 'usage', completionTokens: expect.any(Number), timeToFirstTokenMs: expect.any(Number) });
		expect(rows.at(-1)!.event).toEqual({ type: 'finish', reason: 'stop' });
		const ids = rows.map(({ id }) => Number(id));
		expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
	});

	it('go on where a follower left off, with nothing lost or twice', async () => {
		const { answerId } = await server.trpc.chat.start.mutate({ ...endless, max_tokens: 400 });
		let words = 0;
		const first = await followAnswer(page.client, answerId, { enough: ({ type }) => type === 'text' && ++words === 20 });
		const second = await followAnswer(page.client, answerId, { lastEventId: first.at(-1)!.id });
		const whole = await followAnswer(page.client, answerId);
		expect(saidIn(first) + saidIn(second)).toBe(saidIn(whole));
		expect(second[0]!.event.type).not.toBe('accepted');
	});

	it('show a late follower a long answer in few rows', async () => {
		const { answerId } = await server.trpc.chat.start.mutate({ ...endless, max_tokens: 300 });
		await followAnswer(page.client, answerId);
		expect((await followAnswer(page.client, answerId)).length).toBeLessThan(12);
	});

	it('stop at once, and keep what was said', async () => {
		const { answerId, conversationId } = await server.trpc.chat.start.mutate(endless);
		let stopped = false;
		const rows = await followAnswer(page.client, answerId, {
			enough({ type }) {
				if (type === 'text' && !stopped) stopped = Boolean(server.trpc.chat.stop.mutate({ answerId }));
				return false;
			}
		});
		expect(rows.at(-1)!.event).toEqual({ type: 'finish', reason: 'cancelled' });
		await untilMetrics(server, (value) => value('slots_busy') === 0, 1000);
		const { messages } = await server.trpc.conversations.get.query({ id: conversationId! });
		expect(messages[1]).toMatchObject({ content: saidIn(rows), finishReason: 'cancelled' });
	});

	it('refuse at once what can be refused at once', async () => {
		expect(await codeOf(server.trpc.chat.start.mutate({ ...ask, model: 'nobody' }))).toBe('MODEL_NOT_FOUND');
		expect(await codeOf(server.trpc.chat.start.mutate({ ...ask, conversationId: 'nobody’s' }))).toBe('CONVERSATION_NOT_FOUND');
		expect(await codeOf(server.trpc.chat.start.mutate({ ...ask, temperature: 3 }))).toBe('VALIDATION_ERROR');
	});

	it('are another user’s affair: 404', async () => {
		const stranger = await server.user('stranger');
		const theirs = trpcSocket(server, { token: stranger.token });
		const { answerId } = await server.trpc.chat.start.mutate(endless);
		expect(await codeOf(theirs.client.chat.stop.mutate({ answerId }))).toBe('NOT_FOUND');
		expect(await codeOf(followAnswer(theirs.client, answerId))).toBe('NOT_FOUND');
		await server.trpc.chat.stop.mutate({ answerId });
		await theirs.close();
	});
});

describe('branches', () => {
	const begin = async () => {
		const { answerId, conversationId } = await server.trpc.chat.start.mutate(ask);
		await followAnswer(page.client, answerId);
		return conversationId!;
	};
	const answer = async (request: ChatRequestInput) => followAnswer(page.client, (await server.trpc.chat.start.mutate(request)).answerId);
	const read = (id: string) => server.trpc.conversations.get.query({ id });
	const shown = async (id: string) => {
		const { messages, headMessageId } = await read(id);
		const path: string[] = [];
		for (let at = messages.find((message) => message.id === headMessageId); at; at = messages.find((message) => message.id === at!.parentId)) path.unshift(at.content);
		return path;
	};

	it('regenerating adds a sibling of the reply and shows it', async () => {
		const id = await begin();
		const [question, reply] = (await read(id)).messages;
		await answer({ ...ask, conversationId: id, parentId: question!.id, max_tokens: 2 });
		const { messages, headMessageId } = await read(id);
		expect(messages.map(({ role, parentId }) => [role, parentId])).toEqual([['user', null], ['assistant', question!.id], ['assistant', question!.id]]);
		expect(headMessageId).toBe(messages[2]!.id);
		expect((await server.trpc.conversations.branches.query({ id, messageId: reply!.id })).map((message) => message.id)).toEqual([reply!.id, headMessageId]);
		await server.trpc.conversations.showBranch.mutate({ id, messageId: reply!.id });
		expect(await shown(id)).toEqual(['Hello, how are you?', sentence]);
	});

	it('editing adds a sibling of the question, also of the first one', async () => {
		const id = await begin();
		const [first] = (await read(id)).messages;
		await answer({ ...ask, messages: [{ role: 'user', content: 'Edited' }], conversationId: id, parentId: null });
		expect(await shown(id)).toEqual(['Edited', sentence]);
		await answer({ ...ask, messages: [{ role: 'user', content: 'Second' }], conversationId: id });
		expect(await shown(id)).toEqual(['Edited', sentence, 'Second', sentence]);
		await server.trpc.conversations.showBranch.mutate({ id, messageId: first!.id });
		expect(await shown(id)).toEqual(['Hello, how are you?', sentence]);
		expect((await read(id)).messages).toHaveLength(6);
	});

	it('a question that follows a question can be edited: only what repeats its parent is another reply to that', async () => {
		const id = await begin();
		const [question, reply] = (await read(id)).messages;
		await server.trpc.conversations.removeMessage.mutate({ id, messageId: reply!.id });
		await answer({ ...ask, messages: [{ role: 'user', content: 'Second' }], conversationId: id });
		await answer({ ...ask, messages: [{ role: 'user', content: 'Edited' }], conversationId: id, parentId: question!.id });
		expect(await shown(id)).toEqual(['Hello, how are you?', 'Edited', sentence]);
	});

	it('a parent in another conversation is none', async () => {
		const [id, otherId] = [await begin(), await begin()];
		const [question] = (await read(otherId)).messages;
		expect(await codeOf(server.trpc.chat.start.mutate({ ...ask, conversationId: id, parentId: question!.id }))).toBe('NOT_FOUND');
	});
});
