import type { ChatServer } from '../chat-server.ts';
import { residentBytes } from './engine-pids.ts';

export type LoadUnload = { /** resident bytes of the server before and after each ten */ bytes: number[]; loadMs: number[] };

/** Loads a model, asks it for a sentence and unloads it, so many times; the first ten only warm the server up. */
export async function loadUnload(server: ChatServer, times: number): Promise<LoadUnload> {
	const seen: LoadUnload = { bytes: [], loadMs: [] };
	for (let n = 0; n < times + 10; n++) {
		if (n >= 10 && (n - 10) % 10 === 0) seen.bytes.push(residentBytes(server.process.pid!));
		const startedAt = performance.now();
		await server.trpc.models.load.mutate({ name: 'scripted' });
		seen.loadMs.push(performance.now() - startedAt);
		const response = await server.post('/v1/chat/completions', { model: 'scripted', temperature: 0, messages: [{ role: 'user', content: 'Hello' }] });
		if (!response.ok) throw new Error(`it answered ${response.status}: ${await response.text()}`);
		await response.text();
		await server.trpc.models.unload.mutate({ name: 'scripted' });
	}
	seen.bytes.push(residentBytes(server.process.pid!));
	return seen;
}
