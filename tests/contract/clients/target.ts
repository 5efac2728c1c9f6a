import { afterAll, beforeAll } from 'vitest';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { embeddingModel, scriptedModel } from '../../support/models.ts';

/**
 * What the real clients are pointed at: the built server with scripted models, and a fake LM Studio behind it. To score another
 * server with the same suite:
 *
 *   CLIENTS_BASE_URL=http://127.0.0.1:1234 CLIENTS_API_KEY=none CLIENTS_MODEL=qwen3-4b CLIENTS_EMBEDDING_MODEL=nomic npm test -- tests/contract/clients
 *
 * There the words of an answer are not known, so only its shape is looked at (`words` is undefined).
 */
export type Target = {
	/** without `/v1` */
	url: string;
	apiKey: string;
	/** answers with `words` at temperature 0 */
	model: string;
	words: string | undefined;
	/** calls the tool `weather` for Lyon */
	caller: string;
	/** an upstream's; undefined where there is none */
	upstream: string | undefined;
	/** never ends by itself */
	endless: string;
	embedder: string;
	/** generations that the server works on now; undefined where it does not tell */
	working: (() => Promise<number>) | undefined;
};

const words = 'The quick brown fox jumps over a lazy dog.';

export function useTarget(): () => Target {
	let target: Target | undefined;
	let server: ChatServer | undefined;
	let fake: FakeLmStudio | undefined;
	beforeAll(async () => {
		const { CLIENTS_BASE_URL: url, CLIENTS_API_KEY: apiKey = 'none', CLIENTS_MODEL: model = '', CLIENTS_EMBEDDING_MODEL: embedder = '' } = process.env;
		if (url) {
			target = { url: url.replace(/\/(v1\/?)?$/, ''), apiKey, model, words: undefined, caller: model, upstream: undefined, endless: model, embedder, working: undefined };
			return;
		}
		fake = await startFakeLmStudio();
		server = await startChatServer({ LM_STUDIO_URL: fake.url });
		const models = [
			{ name: 'caller', path: scriptedModel(server.modelsDir, { sentence: '<tool_call>\n{"name": "weather", "arguments": {"city": "Lyon"}}\n</tool_call>', fileName: 'caller.gguf' }) },
			{ name: 'vectors', path: embeddingModel(server.modelsDir) }
		];
		const registered = await server.post('/api/models', { models });
		if (!registered.ok) throw new Error(await registered.text());
		const { key } = await server.trpc.keys.create.mutate({ name: 'clients' });
		const { trpc } = server;
		const working = async () => Number(/^active_streams (\d+)/m.exec(await (await fetch(`${server!.url}/metrics`)).text())![1]);
		await trpc.models.load.mutate({ name: 'scripted' });
		target = { url: server.url, apiKey: key, model: 'scripted', words, caller: 'caller', upstream: 'qwen3-4b', endless: 'endless', embedder: 'vectors', working };
	}, 120_000);
	afterAll(async () => {
		await server?.stop();
		await fake?.stop();
	});
	return () => target!;
}

export const question = 'Say it';
export const weather = {
	name: 'weather',
	description: 'The weather of a city',
	parameters: { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'], additionalProperties: false }
};
export const person = { type: 'object' as const, properties: { age: { type: 'integer' as const, minimum: 0, maximum: 9 } }, required: ['age'], additionalProperties: false };

/** Waits until the server works on nothing. */
export async function idle({ working }: Target): Promise<void> {
	for (const since = performance.now(); working && (await working()) > 0; ) if (performance.now() - since > 5000) throw new Error('The server still works on an answer that its client left 5 s ago');
}
