import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { trpcClient, trpcSocket } from '../support/trpc-client.ts';

const root = resolve(import.meta.dirname, '../..');
const unlimited = { RATE_LIMIT_LOGIN: '0' };

/** `npm run admin`, less what the launcher sets up. */
async function admin(dataDir: string, ...args: string[]): Promise<{ code: number; output: string }> {
	try {
		const { stdout, stderr } = await promisify(execFile)(process.execPath, ['scripts/admin.ts', ...args], { cwd: root, env: { PATH: process.env.PATH, DATA_DIR: dataDir } });
		return { code: 0, output: stdout + stderr };
	} catch (error) {
		const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
		return { code, output: stdout + stderr };
	}
}
const newPassword = (output: string) => /new password of \S+ is: (\S+)/.exec(output)?.[1] ?? '';

describe('npm run admin -- reset-password', () => {
	let server: RunningServer;
	beforeAll(async () => {
		server = await startServer(unlimited);
	});
	afterAll(() => server.stop());

	it('lets an administrator back in beside the running server, and ends what was open', async () => {
		const before = await signIn(server);
		const socket = trpcSocket(server, { token: before.token });
		expect(await socket.client.auth.me.query()).toMatchObject({ username: 'admin' });
		const { code, output } = await admin(server.dataDir, 'reset-password', 'Admin');
		expect(code, output).toBe(0);
		expect((await before.fetch('/api/conversations')).status).toBe(401);
		expect(await socket.closed).toBe(4401);
		await socket.close();
		expect((await call(server, 'POST', '/api/auth/login', { username: 'admin', password: 'admin' })).status).toBe(401);
		const after = await signIn(server, 'admin', newPassword(output));
		const { entries } = await trpcClient(server, after).audit.list.query({ action: 'admin.' });
		expect(entries).toMatchObject([{ action: 'admin.resetPassword', target: 'admin', outcome: 'ok' }]);
	});

	it('works while the server is stopped, and for a disabled user', async () => {
		const first = await startServer(unlimited);
		const root = trpcClient(first, await signIn(first));
		const { id } = await root.users.create.mutate({ username: 'locked', password: 'a forgotten one', role: 'user' });
		await root.users.update.mutate({ id, disabled: true });
		await first.stop({ keepData: true });
		const { output } = await admin(first.dataDir, 'reset-password', 'locked');
		const second = await startServer({ ...unlimited, DATA_DIR: first.dataDir });
		expect((await signIn(second, 'locked', newPassword(output))).user.username).toBe('locked');
		await second.stop();
	});

	it.each([
		[['reset-password', 'nobody'], /There is no user "nobody". There are: admin/],
		[['reset-password'], /Usage/],
		[['drop', 'admin'], /Usage/],
		[[], /Usage/]
	])('%j is refused in one line', async (args, message) => {
		const { code, output } = await admin(server.dataDir, ...args);
		expect(code).toBe(1);
		expect(output).toMatch(message);
		expect(output.trim().split('\n')).toHaveLength(1);
	});

	it('says where it looked when there is no database', async () => {
		expect((await admin('/nowhere/at/all', 'reset-password', 'admin')).output).toMatch(/no database in \/nowhere\/at\/all.*DATA_DIR/);
	});
});
