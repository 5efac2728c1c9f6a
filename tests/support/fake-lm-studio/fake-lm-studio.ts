import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Behaviour, Counts } from './behaviour.ts';
import { controlPath } from './server.ts';

export type FakeLmStudio = {
	url: string;
	port: number;
	/** Changes how it behaves from now on. `times`: chats that a fault hits, without it all. `reset` begins with the usual behaviour. */
	set: (change: Partial<Behaviour> & { reset?: true }) => Promise<void>;
	/** What it has seen since it was started. */
	counts: () => Promise<Counts>;
	/** Kills it as a crash would; waits until it is gone. */
	kill: () => Promise<void>;
	/** Starts it again on the same port, with the behaviour it was first started with. */
	restart: () => Promise<void>;
	/** Stops its process without closing anything, and lets it go on: a machine that hangs. */
	freeze: () => void;
	thaw: () => void;
	/** the process, to wait for its end by itself */
	process: () => ChildProcess;
	stop: () => Promise<void>;
};

async function launch(port: number, behaviour: Partial<Behaviour>): Promise<{ child: ChildProcess; port: number }> {
	const child = fork(join(import.meta.dirname, 'process.ts'), [String(port), JSON.stringify(behaviour)], { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	const listening = await Promise.race([once(child, 'message'), once(child, 'exit')]);
	const message = listening[0] as { port: number } | number | null;
	if (typeof message !== 'object' || message === null) throw new Error(`the fake LM Studio ended with ${message} before it listened`);
	return { child, port: message.port };
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, 'exit');
	child.kill('SIGKILL');
	await ended;
}

/** Starts a server that answers as LM Studio does, as a process of its own on a free port. */
export async function startFakeLmStudio(behaviour: Partial<Behaviour> = {}): Promise<FakeLmStudio> {
	let { child, port } = await launch(0, behaviour);
	const url = `http://127.0.0.1:${port}`;
	const ask = async (change?: object) => {
		const response = await fetch(url + controlPath, change ? { method: 'POST', headers: { 'content-type': 'application/json', connection: 'close' }, body: JSON.stringify(change) } : { headers: { connection: 'close' } });
		return (await response.json()) as Counts;
	};
	return {
		url,
		port,
		set: async (change) => void (await ask(change)),
		counts: () => ask(),
		kill: () => end(child),
		async restart() {
			await end(child);
			({ child, port } = await launch(port, behaviour));
		},
		freeze: () => void child.kill('SIGSTOP'),
		thaw: () => void child.kill('SIGCONT'),
		process: () => child,
		stop: () => end(child)
	};
}
