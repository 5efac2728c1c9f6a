import { expect, afterAll, beforeAll } from 'vitest';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { readMetrics } from '../../support/metrics.ts';
import { embeddingModel, scriptedModel } from '../../support/models.ts';

/** Models that answer in known ways, and where they run. */
export type Models = {
	/** answers with `words` at temperature 0; undefined: whatever it likes */
	plain: string;
	words: string | undefined;
	/** calls the tool `weather` */
	caller: string;
	structured: string;
	/** goes on until its client leaves */
	endless: string;
	/** undefined where there is none */
	embedder: string | undefined;
	/** generations under way, told by what makes them; undefined where it does not tell */
	working: (() => Promise<number>) | undefined;
	/** work done while each answer fails; undefined where that can't be had */
	failing: ((work: () => Promise<void>) => Promise<void>) | undefined;
};

/** What the real clients are pointed at: the built server with scripted models and a fake LM Studio behind it, or any other server. */
export type Target = {
	/** without `/v1` */
	url: string;
	apiKey: string;
	/** refuses a wrong key */
	authenticates: boolean;
	/** speaks in our own words where the wire leaves them free */
	ours: boolean;
	models: Record<string, Models>;
};

const { CLIENTS_BASE_URL: foreign, CLIENTS_API_KEY: key, CLIENTS_MODEL: model = '', CLIENTS_EMBEDDING_MODEL: embedder } = process.env;

/** Whose models the suites ask, by the names of `models`. */
export const origins = foreign ? ['its model'] : ['a local model', 'an upstream’s model'];
export const canEmbed = !foreign || embedder !== undefined;

export function useTarget(): () => Target {
	let target: Target | undefined;
	let server: ChatServer | undefined;
	let fake: FakeLmStudio | undefined;
	beforeAll(async () => {
		if (foreign) {
			const models = { plain: model, words: undefined, caller: model, structured: model, endless: model, embedder, working: undefined, failing: undefined };
			target = { url: foreign.replace(/\/(v1\/?)?$/, ''), apiKey: key ?? 'none', authenticates: key !== undefined, ours: false, models: { 'its model': models } };
			return;
		}
		fake = await startFakeLmStudio({ name: 'Upstream', models: [{ key: 'upstream' }, { key: 'upstream-endless', endless: true }, { key: 'upstream-vectors', type: 'embedding' }], tokenMs: 2 });
		server = await startChatServer({ LM_STUDIO_URL: fake.url });
		const registered = await server.post('/api/models', {
			models: [
				{ name: 'caller', path: scriptedModel(server.modelsDir, { sentence: '<tool_call>\n{"name": "weather", "arguments": {"city": "Lyon"}}\n</tool_call>', fileName: 'caller.gguf' }) },
				{ name: 'vectors', path: embeddingModel(server.modelsDir) }
			]
		});
		if (!registered.ok) throw new Error(await registered.text());
		const [running, upstream] = [server, fake];
		const local: Models = {
			plain: 'scripted', words: 'The quick brown fox jumps over a lazy dog.', caller: 'caller', structured: 'endless', endless: 'endless', embedder: 'vectors',
			working: async () => (await readMetrics(running))('slots_busy'),
			failing: undefined
		};
		const remote: Models = {
			plain: 'upstream', words: `Upstream says ${question}`, caller: 'upstream', structured: 'upstream', endless: 'upstream-endless', embedder: 'upstream-vectors',
			working: async () => (await upstream.counts()).active,
			async failing(work) {
				await upstream.set({ fault: 'fail-500' });
				await work().finally(() => upstream.set({ fault: 'none' }));
			}
		};
		const { key: apiKey } = await server.trpc.keys.create.mutate({ name: 'clients' });
		target = { url: server.url, apiKey, authenticates: true, ours: true, models: { 'a local model': local, 'an upstream’s model': remote } };
	}, 120_000);
	afterAll(async () => {
		await server?.stop();
		await fake?.stop();
	});
	return () => target!;
}

export const question = 'Say it';
/** More words than any model's context holds that is tried here. */
export const tooLong = 'word '.repeat(300_000);
export const weather = {
	name: 'weather',
	description: 'The weather of a city',
	parameters: { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'], additionalProperties: false }
};
export const person = { type: 'object' as const, properties: { age: { type: 'integer' as const, minimum: 0, maximum: 9 } }, required: ['age'], additionalProperties: false };

export const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(promise).then(() => expect.unreachable('it should have failed'), (error: unknown) => error);

/** What was said is what had to be said; of a model without known words, that it was anything. */
export function expectWords({ words }: Models, said: unknown): void {
	if (words === undefined) expect(said).toMatch(/\S/);
	else expect(said).toBe(words);
}

/** Waits until there is work, or until there is none. Where nobody tells, it waits a moment for the first and not at all for the other. */
export async function until(state: 'working' | 'idle', { working }: Models): Promise<void> {
	if (!working) return state === 'working' ? new Promise((resolve) => setTimeout(resolve, 300)) : undefined;
	for (const since = performance.now(); (await working()) > 0 !== (state === 'working'); )
		if (performance.now() - since > 5000) throw new Error(state === 'idle' ? 'What a client left 5 s ago is still being worked on' : 'Nothing is being worked on');
}
