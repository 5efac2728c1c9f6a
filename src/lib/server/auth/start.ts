import { join } from 'node:path';
import { env } from '../env.ts';
import { openAdministrator } from './administrator.ts';
import { openSecret } from './secret.ts';
import { pruneSessions } from './sessions.ts';
import { startSessionWatch } from './session-watch.ts';

const pruneMs = 3_600_000;
let stop: (() => void) | undefined;

/** Makes signing in possible: the secret, the first administrator, and the watch over ended sessions. @throws BootError */
export async function openIdentity(): Promise<void> {
	const { host, dataDir, jwtSecret, adminUsername, adminPassword } = env();
	openSecret(jwtSecret, join(dataDir, 'jwt-secret'));
	await openAdministrator({ host, username: adminUsername, password: adminPassword });
	pruneSessions();
	const timer = setInterval(pruneSessions, pruneMs);
	timer.unref();
	const stopWatch = startSessionWatch();
	stop = () => {
		clearInterval(timer);
		stopWatch();
	};
}

export function closeIdentity(): void {
	stop?.();
	stop = undefined;
}
