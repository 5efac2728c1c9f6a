import { mkdirSync, writeSync } from 'node:fs';
import { chmod, open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** `bytes` of one file and how many there are, the current one included; of what waits to be written; and milliseconds it may wait. */
const usual = { bytes: 10 * 2 ** 20, files: 10, waitingBytes: 8 * 2 ** 20, waitMs: 200 };

/** The current file (0), or one that was put aside: the higher, the older. */
export const logFile = (folder: string, age: number): string => join(folder, age === 0 ? 'llama-runner.log' : `llama-runner.${age}.log`);

/** What stands in the file for lines that are not there. */
const missing = (count: number) => `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), source: 'logs', msg: `${count} log lines are missing here: the disk did not take them` })}\n`;

/**
 * Log lines on the disk, readable by this user alone: a file is put aside when it is full, and the oldest is forgotten. Lines
 * are written together, several times a second; when the disk doesn't take them, the newest are dropped and counted.
 */
export class LogFiles {
	readonly folder: string;
	readonly limits: typeof usual;
	#file: FileHandle | undefined;
	#size = 0;
	#waiting: string[] = [];
	#waitingBytes = 0;
	#dropped = 0;
	#writing = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#told = false;
	readonly #atExit = () => {
		if (this.#file && this.#waiting.length) writeSync(this.#file.fd, this.#waiting.join(''));
	};

	constructor(folder: string, limits: Partial<typeof usual> = {}) {
		this.folder = folder;
		this.limits = { ...usual, ...limits };
	}

	async open(): Promise<void> {
		mkdirSync(this.folder, { recursive: true, mode: 0o700 });
		await this.#begin();
		process.once('exit', this.#atExit);
	}

	async #begin(): Promise<void> {
		const path = logFile(this.folder, 0);
		this.#file = await open(path, 'a', 0o600);
		await chmod(path, 0o600);
		this.#size = (await this.#file.stat()).size;
	}

	/** @param line one line with its end */
	write(line: string): void {
		if (this.#waitingBytes > this.limits.waitingBytes) return void this.#dropped++;
		this.#waiting.push(line);
		this.#waitingBytes += Buffer.byteLength(line);
		this.#timer ??= setTimeout(() => void this.flush(), this.limits.waitMs).unref();
	}

	/** Resolves when everything written so far is in the file. */
	flush(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		return (this.#writing = this.#writing.then(() => this.#writeOut()));
	}

	async #writeOut(): Promise<void> {
		const lines = this.#waiting.splice(0);
		const dropped = this.#dropped;
		if (lines.length === 0) return;
		try {
			const text = (dropped ? missing(dropped) : '') + lines.join('');
			if (this.#size > 0 && this.#size + Buffer.byteLength(text) > this.limits.bytes) await this.#putAside();
			if (!this.#file) await this.#begin();
			this.#size += (await this.#file!.write(text)).bytesWritten;
			this.#dropped -= dropped;
			this.#told = false;
		} catch (error) {
			this.#dropped += lines.length;
			if (!this.#told) process.stderr.write(`Log lines can't be written to ${this.folder}: ${(error as Error).message}\n`); // the log itself can't tell
			this.#told = true;
		}
		this.#waitingBytes = this.#waiting.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
	}

	async #putAside(): Promise<void> {
		await this.#file?.close();
		this.#file = undefined;
		for (let age = this.limits.files - 2; age >= 0; age--)
			await rename(logFile(this.folder, age), logFile(this.folder, age + 1)).catch((error: NodeJS.ErrnoException) => {
				if (error.code !== 'ENOENT') throw error;
			});
	}

	async close(): Promise<void> {
		await this.flush();
		process.off('exit', this.#atExit);
		await this.#file?.close();
		this.#file = undefined;
	}
}
