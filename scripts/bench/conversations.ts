/**
 * How long reads and writes of conversations take in a database that has seen some years: 10,000 conversations of one
 * user and as many of others, 10 messages each, and one conversation of 2,000. `node scripts/bench/conversations.ts`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import superjson from 'superjson';
import { conversationDetailOf, conversationOf } from '../../src/lib/dialects/conversations.ts';
import { conversations, database, messages, openDatabase, closeDatabase, users } from '../../src/lib/server/db/index.ts';
import { listConversations, requireConversation } from '../../src/lib/server/conversations/conversations.ts';
import { appendQuestion, messagesOf, showBranch } from '../../src/lib/server/conversations/messages.ts';
import { searchConversations } from '../../src/lib/server/conversations/search.ts';
import { quantile } from './quantile.ts';

const counts = { conversations: 10_000, messagesEach: 10, long: 2000, runs: 200 };
const words = 'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part'.split(' ');

let state = 1;
const random = (below: number) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
const text = (length: number) => Array.from({ length }, () => words[random(words.length)]).join(' ');

function fill(userId: string, prefix: string): void {
	const at = new Date(2026, 0, 1);
	database().insert(users).values({ id: userId, username: userId, usernameKey: userId, passwordHash: '', role: 'user', createdAt: at, updatedAt: at }).run();
	const add = (id: string, count: number, minute: number) => {
		const createdAt = new Date(at.getTime() + minute * 60_000);
		database().insert(conversations).values({ id, userId, title: text(7), createdAt, updatedAt: createdAt }).run();
		for (let i = 0; i < count; i++)
			database()
				.insert(messages)
				.values({ id: `${id}-${i}`, conversationId: id, parentId: i ? `${id}-${i - 1}` : null, role: i % 2 ? 'assistant' : 'user', content: `${text(60)}${random(1000) === 0 ? ' zebra' : ''}`, createdAt })
				.run();
	};
	database().transaction(() => {
		for (let i = 0; i < counts.conversations; i++) add(`${prefix}${i}`, counts.messagesEach, i);
		add(`${prefix}long`, counts.long, counts.conversations);
	});
}

async function measure(name: string, run: (i: number) => unknown): Promise<void> {
	for (let i = 0; i < 5; i++) await run(i);
	const times: number[] = [];
	for (let i = 0; i < counts.runs; i++) {
		const startedAt = performance.now();
		const answer = run(i + 5);
		if (answer instanceof Promise) await answer;
		times.push(performance.now() - startedAt);
	}
	const at = (part: number) => quantile(times, part).toFixed(2);
	console.log(`| ${name} | ${at(0)} | ${at(0.5)} | ${at(0.95)} |`);
}

const written = (id: string) => ({ ...requireConversation(id, 'user'), messages: messagesOf(id).map((message) => ({ ...message, createdAt: message.createdAt.toISOString() })) });
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
openDatabase(join(folder, 'bench.sqlite'), resolve(import.meta.dirname, '../../drizzle'));
fill('other', 'o');
fill('user', 'c');
console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}\n\n| milliseconds | least | p50 | p95 |\n|---|---|---|---|`);
const page = listConversations('user', { limit: 50 });
const deep = listConversations('user', { limit: 9000 }).at(-1)!;
await measure('list, all 10,001, as JSON', () => JSON.stringify(listConversations('user').map(conversationOf)));
await measure('list, first page of 50', () => listConversations('user', { limit: 50 }));
await measure('list, second page', () => listConversations('user', { limit: 50, after: page.at(-1)! }));
await measure('list, a page after 9,000', () => listConversations('user', { limit: 50, after: deep }));
await measure('list, by title', () => listConversations('user', { limit: 50, title: 'water been' }));
await measure('conversation of 10 messages', (i) => [requireConversation(`c${i}`, 'user'), messagesOf(`c${i}`)]);
await measure('conversation of 2,000 messages, as JSON', () => JSON.stringify(conversationDetailOf(written('clong'))));
await measure('the same for the typed client (superjson)', () => JSON.stringify(superjson.serialize(written('clong'))));
await measure('show a branch of 2,000 messages', () => showBranch(requireConversation('clong', 'user'), 'clong-3'));
await measure('search, a word in every message', () => searchConversations('user', 'water', 20, never));
await measure('search, two words in every message', () => searchConversations('user', 'water time', 20, never));
await measure('search, a rare word', () => searchConversations('user', 'zebra', 20, never));
await measure('search, an unfinished word', () => searchConversations('user', 'wor the', 20, never));
await measure('search, no such word', () => searchConversations('user', 'xylophone', 20, never));
await measure('search of the one who wrote first', () => searchConversations('other', 'water time', 20, never));
await measure('append a message (synchronous FULL)', (i) => appendQuestion('clong', null, text(60) + i));
closeDatabase();
rmSync(folder, { recursive: true });
