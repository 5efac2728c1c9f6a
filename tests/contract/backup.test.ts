import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { sentence, startChatServer } from '../support/chat-server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer } from '../support/start-server.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = temporaryFolder();

/** As the launcher runs it for `npm run backup` and `npm run restore`, from a folder of the person's. */
async function run(script: 'backup' | 'restore', dataDir: string, file: string): Promise<{ status: number; stderr: string }> {
	const { PATH = '', HOME = '' } = process.env;
	const args = ['--disable-warning=ExperimentalWarning', join(root, 'scripts', `${script}.ts`), file];
	// Not spawnSync: a test that stands still does not see the server close an idle socket, and sends its next request into it.
	const child = spawn(process.execPath, args, { cwd: root, env: { PATH, HOME, DATA_DIR: dataDir, INIT_CWD: folder }, stdio: ['ignore', 'ignore', 'pipe'] });
	let stderr = '';
	child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	const [status] = (await once(child, 'close')) as [number];
	return { status, stderr };
}

it('a backup is made while the server runs, and restored while it does not', async () => {
	const server = await startChatServer();
	try {
		const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Before' }], temperature: 0, stream: false };
		const kept = (await server.post('/api/chat', asked)).headers.get('x-conversation-id');
		const made = await run('backup', server.dataDir, 'a.sqlite');
		expect([made.stderr, made.status]).toEqual(['', 0]);
		expect(existsSync(join(folder, 'a.sqlite'))).toBe(true);
		await server.trpc.conversations.remove.mutate({ id: kept! });

		const refused = await run('restore', server.dataDir, 'a.sqlite');
		expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('The server is running')]);
		expect(await server.get('/api/conversations')).toEqual([]);

		await server.stop({ keepData: true });
		const restored = await run('restore', server.dataDir, 'a.sqlite');
		expect([restored.stderr, restored.status]).toEqual(['', 0]);

		const again = await startServer({ DATA_DIR: server.dataDir });
		try {
			expect((await fetch(`${again.url}/api/conversations`, { headers: { authorization: `Bearer ${server.admin.token}` } })).status).toBe(401);
			const me = await signIn(again);
			const { messages } = (await (await me.fetch(`/api/conversations/${kept}`)).json()) as { messages: { content: string }[] };
			expect(messages.map(({ content }) => content)).toEqual(['Before', sentence]);
		} finally {
			await again.stop({ keepData: true });
		}
	} finally {
		await server.stop();
	}
});
