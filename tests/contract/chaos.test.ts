import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
import { createRandom } from '../support/gguf/random.ts';
import { chaos } from '../support/soak/chaos.ts';

let server: ChatServer;
beforeAll(async () => (server = await startChatServer()));
afterAll(() => server.stop());

it('engines that are killed, crash or are stopped under load cost only their own answers, which end with an error', async () => {
	const seen = await chaos(server, createRandom(1, 'chaos'), { seconds: 60, blows: 3, firstSignals: ['SIGKILL', 'SIGSEGV', 'SIGSTOP'] });
	expect(seen.faults).toEqual([]);
	expect(seen.blows.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGSEGV', 'SIGSTOP']);
	expect(seen.failed).toBeGreaterThan(0); // answers were really cut
	expect(Math.min(seen.beside, seen.healthChecks)).toBeGreaterThan(20);
}, 180_000);
