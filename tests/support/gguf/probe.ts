/** What llama.cpp makes of a model file, seen from a process of its own. For the tests of the models; the program's engine is not in it. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

export type ProbeRequest = {
	path: string;
	/** load each of these and tell which could be */
	tryAll?: string[];
	/** tokenize, with control tokens understood, and give the text back */
	tokenize?: string;
	/** continue this, control tokens understood */
	prompt?: string;
	/** of the answer; default: 64 */
	maxTokens?: number;
	/** default: 512 */
	contextLength?: number;
	temperature?: number;
	embed?: string[];
	rank?: { query: string; documents: string[] };
};

export type ProbeAnswer = {
	loaded?: string[];
	tokens?: number[];
	roundTrip?: string;
	text?: string;
	generated?: number[];
	/** the model ended the answer itself */
	ended?: boolean;
	embeddings?: number[][];
	ranks?: number[];
};

const run = promisify(execFile);
const entry = join(import.meta.dirname, 'probe-child.ts');
const options = {
	// an assert of ggml prints a backtrace through gdb for seconds
	env: { ...process.env, GGML_NO_BACKTRACE: '1' }
};

/** One process for many questions, none of which ends it. */
export function openProbe(): { ask: (request: ProbeRequest) => Promise<ProbeAnswer>; close: () => void } {
	const child = fork(entry, [], { ...options, execArgv: ['--disable-warning=ExperimentalWarning'] });
	return {
		async ask(request) {
			child.send(request);
			const [answer] = (await once(child, 'message', { signal: AbortSignal.timeout(20_000) })) as [ProbeAnswer | { error: string }];
			if ('error' in answer) throw new Error(answer.error);
			return answer;
		},
		close: () => void child.kill()
	};
}

/** Throws what execFile throws when the process fails: `signal` is SIGABRT when the file ended it. */
export async function probeModel(request: ProbeRequest, timeoutMs = 20_000): Promise<ProbeAnswer> {
	const { stdout } = await run(process.execPath, [entry, JSON.stringify(request)], { ...options, timeout: timeoutMs, killSignal: 'SIGKILL' });
	return JSON.parse(stdout) as ProbeAnswer;
}
