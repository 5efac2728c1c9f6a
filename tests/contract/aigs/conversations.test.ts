import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import type { SignedIn } from '../../support/sign-in.ts';
import { trpcClient, trpcSocket } from '../../support/trpc-client.ts';

type Row = { id: string; title: string; createdAt: string; updatedAt: string };
type Detail = Row & { messages: { id: string; role: string; content: string }[] };

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const rowShape = { id: expect.any(String), title: expect.any(String), createdAt: expect.stringMatching(isoTime), updatedAt: expect.stringMatching(isoTime) };

let server: ChatServer;
let other: SignedIn;
beforeAll(async () => {
	server = await startChatServer();
	other = await server.user('other');
});
afterAll(() => server.stop());

const create = async (title: unknown, token?: string) => server.post('/api/conversations', { title }, token === undefined ? {} : { token });
const created = async (title: string) => (await (await create(title)).json()) as Row;
const list = () => server.get<Row[]>('/api/conversations');
const chat = async (content: string, conversationId?: string) => {
	const response = await server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content }], temperature: 0, stream: false, ...(conversationId ? { conversationId } : {}) });
	await response.text();
	return response.headers.get('x-conversation-id')!;
};
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'none', (error: { data: { appCode: string } }) => error.data.appCode);

describe('document B’s conversations', () => {
	it('POST creates one and answers 200 with exactly its members', async () => {
		const response = await create('New Conversation');
		expect(response.status).toBe(200);
		const row = (await response.json()) as Row;
		expect(row).toEqual({ ...rowShape, title: 'New Conversation' });
		expect(row.createdAt).toBe(row.updatedAt);
	});

	it('GET lists them with exactly their members, newest first by updatedAt', async () => {
		const [a, b] = [await created('A'), await created('B')];
		expect((await list()).slice(0, 2).map(({ id }) => id)).toEqual([b.id, a.id]);
		await chat('Hello', a.id);
		const rows = await list();
		expect(rows.slice(0, 2).map(({ id }) => id)).toEqual([a.id, b.id]);
		for (const row of rows) expect(row).toEqual(rowShape);
	});

	it('GET of one holds all messages, oldest first, with exactly their members', async () => {
		const id = await chat('Hello');
		await chat('Again', id);
		const detail = await server.get<Detail>(`/api/conversations/${id}`);
		expect(detail).toEqual({ ...rowShape, id, title: 'Hello', messages: expect.any(Array) });
		expect(detail.messages.map(({ role, content }) => [role, content])).toEqual([['user', 'Hello'], ['assistant', sentence], ['user', 'Again'], ['assistant', sentence]]);
		for (const message of detail.messages)
			expect(message).toEqual({ id: expect.any(String), role: expect.any(String), content: expect.any(String), promptTokens: expect.any(Number), completionTokens: expect.any(Number), latencyMs: expect.any(Number), createdAt: expect.stringMatching(isoTime) });
	});

	it.each([['no title', undefined], ['an empty one', ''], ['blanks', '   '], ['201 characters', 'x'.repeat(201)], ['a number', 7], ['null', null]])('%s is 400', async (_what, title) => {
		const response = await create(title);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 'VALIDATION_ERROR', errors: [expect.stringMatching(/^Title /)] });
	});

	it('a title of 200 characters is taken', async () => expect((await create('é'.repeat(200))).status).toBe(200));

	it.each(['00000000-0000-4000-8000-000000000000', 'nonsense', '%20', 'x'.repeat(2000)])('an unknown id is 404 (%s)', async (id) => {
		const response = await server.admin.fetch(`/api/conversations/${id}`);
		expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'CONVERSATION_NOT_FOUND']);
	});

	it('are each user’s own', async () => {
		const { id } = await created('Mine');
		expect((await other.fetch(`/api/conversations/${id}`)).status).toBe(404);
		expect(await (await other.fetch('/api/conversations')).json()).toEqual([]);
	});

	it('need a user, also where document A is open', async () => {
		for (const path of ['/api/conversations', '/api/conversations/x']) expect((await fetch(server.url + path)).status).toBe(401);
	});
});

describe('the typed client', () => {
	it('pages through the list without losing or repeating one', async () => {
		const whole = await server.trpc.conversations.list.query();
		const paged: string[] = [];
		for (let after: { id: string; updatedAt: Date } | undefined; ; ) {
			const page = await server.trpc.conversations.list.query({ limit: 3, ...(after ? { after } : {}) });
			paged.push(...page.map(({ id }) => id));
			if (page.length < 3) break;
			after = page.at(-1);
		}
		expect(paged).toEqual(whole.map(({ id }) => id));
	});

	it('renames, archives and removes', async () => {
		const { id } = await created('Before');
		expect(await server.trpc.conversations.rename.mutate({ id, title: 'After' })).toMatchObject({ id, title: 'After' });
		await server.trpc.conversations.archive.mutate({ id });
		const ids = async (archived: boolean) => (await server.trpc.conversations.list.query({ archived })).map((row) => row.id);
		expect([(await ids(true)).includes(id), (await ids(false)).includes(id)]).toEqual([true, false]);
		await server.trpc.conversations.archive.mutate({ id, archived: false });
		expect(await ids(false)).toContain(id);
		await server.trpc.conversations.remove.mutate({ id });
		expect(await codeOf(server.trpc.conversations.get.query({ id }))).toBe('CONVERSATION_NOT_FOUND');
	});

	it('keeps a model, a system prompt and options with a conversation', async () => {
		const { id } = await created('Set up');
		await server.trpc.conversations.update.mutate({ id, model: 'scripted', systemPrompt: 'Be brief.', options: { temperature: 0.2 } });
		await server.trpc.conversations.update.mutate({ id, options: { temperature: 0.3 } });
		expect(await server.trpc.conversations.get.query({ id })).toMatchObject({ model: 'scripted', systemPrompt: 'Be brief.', options: { temperature: 0.3 } });
	});

	it('removes a message; what followed it follows the one before', async () => {
		const id = await chat('One');
		await chat('Two', id);
		const { messages } = await server.trpc.conversations.get.query({ id });
		await server.trpc.conversations.removeMessage.mutate({ id, messageId: messages[1]!.id });
		const after = await server.trpc.conversations.get.query({ id });
		expect(after.messages.map(({ content, parentId }) => [content, parentId])).toEqual([['One', null], ['Two', messages[0]!.id], [sentence, messages[2]!.id]]);
		await server.trpc.conversations.removeMessage.mutate({ id, messageId: messages[3]!.id });
		expect((await server.trpc.conversations.get.query({ id })).headMessageId).toBe(messages[2]!.id);
	});

	it('searches titles and messages for all words, and the last one’s beginning', async () => {
		const id = await chat('The xylophone of Émile plays on');
		await created('Nothing of the kind');
		const search = (text: string) => server.trpc.conversations.search.query({ text });
		for (const text of ['xylophone', 'emile xylo', 'EMILE', '"xylophone" AND', 'xylophone)(*:^'])
			expect((await search(text)).map((found) => found.id).includes(id), text).toBe(!text.includes('AND'));
		const [found] = await search('émile');
		expect(found!.snippet.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(['Émile']);
		expect(found!.snippet.map(({ text }) => text).join('')).toBe('The xylophone of Émile plays on');
		expect((await search('of the kind')).some(({ title }) => title === 'Nothing of the kind')).toBe(true);
		expect(await search('')).toEqual([]);
		expect(await trpcClient(server, other).conversations.search.query({ text: 'xylophone' })).toEqual([]);
		await server.trpc.conversations.remove.mutate({ id });
		expect(await search('xylophone')).toEqual([]);
	});

	it('puts back what was removed, under the same ids, and never touches what is there', async () => {
		const id = await chat('Keep me');
		await chat('And me', id);
		const before = await server.trpc.conversations.get.query({ id });
		const file = await server.trpc.conversations.export.query({ ids: [id] });
		await server.trpc.conversations.remove.mutate({ id });
		expect((await server.trpc.conversations.import.mutate(file)).ids).toEqual([id]);
		expect(await server.trpc.conversations.get.query({ id })).toEqual(before);
		const [copy] = (await server.trpc.conversations.import.mutate(file)).ids;
		expect(copy).not.toBe(id);
		const copied = await server.trpc.conversations.get.query({ id: copy! });
		expect(copied.messages.map(({ content }) => content)).toEqual(before.messages.map(({ content }) => content));
		expect(copied.messages.find((message) => message.id === copied.headMessageId)?.content).toBe(sentence);
		expect(await server.trpc.conversations.get.query({ id })).toEqual(before);
	});

	it('takes an exported file that went through JSON, and none that is something else', async () => {
		const id = await chat('As a file');
		const text = JSON.stringify(await server.trpc.conversations.export.query({ ids: [id] }));
		const file = JSON.parse(text) as Parameters<typeof server.trpc.conversations.import.mutate>[0];
		const mine = trpcClient(server, other);
		const [copy] = (await mine.conversations.import.mutate(file)).ids;
		expect((await mine.conversations.get.query({ id: copy! })).messages[0]!.content).toBe('As a file');
		expect(await codeOf(mine.conversations.import.mutate({ ...file, version: 2 as 1 }))).toBe('VALIDATION_ERROR');
		expect(await codeOf(mine.conversations.export.query({ ids: [id] }))).toBe('CONVERSATION_NOT_FOUND');
	});

	it('is told of every change, whoever makes it, and of no other user’s', async () => {
		const told: string[] = [];
		const socket = trpcSocket(server, { token: server.admin.token });
		const started = Promise.withResolvers<void>();
		const subscription = socket.client.conversations.changes.subscribe(undefined, { onStarted: () => started.resolve(), onData: ({ ids }) => void told.push(...ids) });
		await started.promise;
		await trpcClient(server, other).conversations.create.mutate({ title: 'Not mine' });
		const { id } = await created('Mine');
		const chatted = await chat('Tell me');
		await expect.poll(() => new Set(told)).toEqual(new Set([id, chatted]));
		subscription.unsubscribe();
		await socket.close();
	});

	it('is told nothing of another user’s conversations, by any procedure', async () => {
		const id = await chat('Private');
		const messageId = (await server.trpc.conversations.get.query({ id })).messages[0]!.id;
		const { conversations } = trpcClient(server, other);
		const attempts = [
			conversations.get.query({ id }), conversations.rename.mutate({ id, title: 'x' }), conversations.archive.mutate({ id }), conversations.update.mutate({ id, systemPrompt: 'x' }),
			conversations.remove.mutate({ id }), conversations.removeMessage.mutate({ id, messageId }), conversations.branches.query({ id, messageId }), conversations.showBranch.mutate({ id, messageId }), conversations.export.query({ ids: [id] })
		];
		expect(new Set(await Promise.all(attempts.map(codeOf)))).toEqual(new Set(['CONVERSATION_NOT_FOUND']));
		expect((await server.trpc.conversations.get.query({ id })).messages).toHaveLength(2);
	});

	it('keeps presets, each user their own', async () => {
		const { presets } = server.trpc.conversations;
		const preset = await presets.create.mutate({ name: 'Brief', systemPrompt: 'Be brief.', options: { temperature: 0 } });
		await presets.update.mutate({ id: preset.id, name: 'Very brief' });
		expect(await presets.list.query()).toMatchObject([{ name: 'Very brief', systemPrompt: 'Be brief.', options: { temperature: 0 } }]);
		const theirs = trpcClient(server, other).conversations.presets;
		expect(await theirs.list.query()).toEqual([]);
		expect(await codeOf(theirs.update.mutate({ id: preset.id, name: 'Mine' }))).toBe('NOT_FOUND');
		expect(await codeOf(theirs.remove.mutate({ id: preset.id }))).toBe('NOT_FOUND');
		await presets.remove.mutate({ id: preset.id });
		expect(await presets.list.query()).toEqual([]);
	});
});
