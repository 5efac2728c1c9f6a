import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunksOf, dataOf, sseBlocks } from '../chat-frames.ts';
import { startFakeLmStudio } from '../fake-lm-studio/fake-lm-studio.ts';
import type { Random } from '../gguf/random.ts';
import { signIn } from '../sign-in.ts';
import { startServer, type RunningServer } from '../start-server.ts';

/** What the server has said yes to, by what its client had in hand when the server died. */
type Acknowledged = { conversationId: string; question?: string; reply?: string };

export type KillReport = {
	kills: number;
	/** things acknowledged before a kill and looked for after it */
	conversations: number; questions: number; replies: number;
	/** chats that were under way at a kill */
	cut: number;
	/** what was acknowledged and is not there, or a database that did not open */
	lost: string[];
};

const model = 'upstream-model';
const clients = 4;
/** Between the first request and the kill, at most: milliseconds, and on a slow machine answers' times. */
const longestLife = { ms: 400, answers: 3 };

type Client = { acknowledged: Acknowledged[]; cut: number };

/** Chats until the server is gone, noting what it acknowledged: by the head of a stream, by its [DONE], by a JSON answer. */
async function chatUntilGone({ url }: RunningServer, token: string, name: string, random: Random): Promise<Client> {
	const acknowledged: Acknowledged[] = [];
	const post = (path: string, body: object) =>
		fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
	for (let n = 0; ; n++) {
		const question = `${name} asks number ${n}`;
		const known = acknowledged.length && random.unit() < 0.5 ? random.pick(acknowledged).conversationId : undefined;
		try {
			if (random.unit() < 0.1) {
				const created = await post('/api/conversations', { title: question });
				acknowledged.push({ conversationId: ((await created.json()) as { id: string }).id });
				continue;
			}
			const stream = random.unit() < 0.7;
			const response = await post('/api/chat', { model, stream, messages: [{ role: 'user', content: question }], ...(known ? { conversationId: known } : {}) });
			if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
			const conversationId = response.headers.get('x-conversation-id')!;
			if (!stream) {
				const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
				acknowledged.push({ conversationId, question, reply: choices[0]!.message.content });
				continue;
			}
			const seen: Acknowledged = { conversationId, question };
			acknowledged.push(seen);
			let reply = '';
			await sseBlocks(response, (block) => {
				if (block === 'data: [DONE]') seen.reply = reply;
				else for (const chunk of chunksOf(dataOf([block]))) reply += chunk.choices[0]?.delta.content ?? '';
			});
		} catch (error) {
			if (/^\d{3}:/.test((error as Error).message)) throw error;
			return { acknowledged, cut: 1 };
		}
	}
}

/** Milliseconds that a server which has just started takes for the first answers of all clients. */
async function answerMs({ url }: RunningServer, token: string): Promise<number> {
	const startedAt = performance.now();
	const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
	const body = JSON.stringify({ model, stream: false, store: false, messages: [{ role: 'user', content: 'How long?' }] });
	await Promise.all(Array.from({ length: clients }, async () => (await fetch(`${url}/api/chat`, { method: 'POST', headers, body })).text()));
	return performance.now() - startedAt;
}

async function missing(url: string, token: string, { conversationId, question, reply }: Acknowledged): Promise<string | undefined> {
	const response = await fetch(`${url}/api/conversations/${conversationId}`, { headers: { authorization: `Bearer ${token}` } });
	if (response.status !== 200) return `conversation ${conversationId}: ${response.status}`;
	const { messages } = (await response.json()) as { messages: { role: string; content: string }[] };
	const at = messages.findIndex((message) => message.role === 'user' && message.content === question);
	if (question !== undefined && at < 0) return `the question "${question}"`;
	if (reply !== undefined && !messages.some((message) => message.role === 'assistant' && message.content === reply)) return `the reply "${reply}"`;
	return undefined;
}

/** Kills the server with SIGKILL at random moments while clients chat, starts it again on the same data, and looks for everything it had acknowledged. */
export async function killNine(kills: number, random: Random): Promise<KillReport> {
	const report: KillReport = { kills: 0, conversations: 0, questions: 0, replies: 0, cut: 0, lost: [] };
	const dataDir = await mkdtemp(join(tmpdir(), 'llama-runner-kill-'));
	const fake = await startFakeLmStudio({ models: [{ key: model, loaded: true }], tokenMs: 3 });
	const start = () => startServer({ DATA_DIR: dataDir, LM_STUDIO_URL: fake.url, RATE_LIMIT_USER: '0' });
	let server = await start();
	try {
		const { token } = await signIn(server); // sessions outlive the server, too
		await server.stop({ keepData: true });
		const all: Acknowledged[] = [];
		server = await start();
		const longestLifeMs = Math.max(longestLife.ms, longestLife.answers * (await answerMs(server, token)));
		for (; report.kills < kills; report.kills++) {
			const chats = Promise.all(Array.from({ length: clients }, (_, i) => chatUntilGone(server, token, `run ${report.kills} client ${i}`, random)));
			await sleep(20 + random.unit() * longestLifeMs);
			await server.stop({ signal: 'SIGKILL', keepData: true });
			const told = await chats;
			const fresh = told.flatMap(({ acknowledged }) => acknowledged);
			report.cut += told.reduce((sum, { cut }) => sum + cut, 0);
			server = await start();
			for (const one of fresh) {
				const lost = await missing(server.url, token, one);
				if (lost) report.lost.push(`after kill ${report.kills + 1}: ${lost}`);
			}
			all.push(...fresh);
		}
		for (const one of all) {
			const lost = await missing(server.url, token, one);
			if (lost) report.lost.push(`in the end: ${lost}`);
		}
		report.conversations = new Set(all.map(({ conversationId }) => conversationId)).size;
		report.questions = all.filter(({ question }) => question !== undefined).length;
		report.replies = all.filter(({ reply }) => reply !== undefined).length;
	} catch (error) {
		report.lost.push(`the server did not come back: ${(error as Error).message}`);
	} finally {
		await server.stop({ keepData: true });
		await fake.stop();
		await rm(dataDir, { recursive: true, force: true });
	}
	return report;
}
