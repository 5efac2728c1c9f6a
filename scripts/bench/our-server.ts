import { dirname } from 'node:path';
import { signIn, type SignedIn } from '../../tests/support/sign-in.ts';
import { startServer, type RunningServer } from '../../tests/support/start-server.ts';
import type { Target } from './chat-client.ts';
import type { Opening } from './llama-server.ts';

export type OurServer = Target & RunningServer & { admin: SignedIn; set: (parameters: Record<string, unknown>) => Promise<void> };

/** Starts the built program with one model, named `model`, and signs in. */
export async function startOurServer(path: string, { slots, contextLength, threads, batchSize }: Opening, settings: Record<string, string> = {}): Promise<OurServer> {
	const server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0', MODELS_DIR: dirname(path), ...settings });
	const admin = await signIn(server);
	const send = async (method: string, url: string, body: unknown) => {
		const response = await admin.fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
		if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
	};
	const set = async (parameters: Record<string, unknown>) => {
		for (const [name, value] of Object.entries(parameters)) await send('PUT', `/api/parameters/category/${name}`, { value });
	};
	await set({ parallelSlots: slots, contextLength, threads, batchSize });
	await send('POST', '/api/models', { models: [{ name: 'model', path }] });
	return { ...server, key: admin.token, model: 'model', admin, set };
}
