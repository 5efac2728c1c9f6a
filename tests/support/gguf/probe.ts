/** What llama.cpp makes of a model file, seen from a process of its own. For the tests of the models; the program's engine is not in it. */
import { execFile } from 'node:child_process';
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

/** Throws what execFile throws when the process fails: `signal` is SIGABRT when the file ended it. */
export async function probeModel(request: ProbeRequest, timeoutMs = 20_000): Promise<ProbeAnswer> {
	const child = join(import.meta.dirname, 'probe-child.ts');
	const { stdout } = await run(process.execPath, [child, JSON.stringify(request)], {
		timeout: timeoutMs,
		killSignal: 'SIGKILL',
		// an assert of ggml prints a backtrace through gdb for seconds
		env: { ...process.env, GGML_NO_BACKTRACE: '1' }
	});
	return JSON.parse(stdout) as ProbeAnswer;
}
