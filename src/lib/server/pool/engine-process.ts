import { fork, type ChildProcess } from 'node:child_process';
import { AppError } from '../errors.ts';
import { Channel } from './channel.ts';
import { EngineCrash, reasonIn, type EngineExit } from './engine-exit.ts';
import type { Engine, EngineEvent, EngineFailure, EngineInfo, EngineOptions, EngineStats, FromEngine, GenerateRequest, ToEngine } from './engine/protocol.ts';
import type { StateOwner } from './engine/state-files.ts';

export type EngineLaunch = {
	/** the child's entry file */
	entry: string;
	/** the child's whole environment: flags and secrets of the server stay out of the process that reads hostile files */
	env: Record<string, string>;
};

type Waiting<T> = { resolve: (value: T) => void; reject: (error: unknown) => void };

const errorOf = (failure: EngineFailure): AppError => new AppError(failure.code, failure.message, { details: failure.details });
const keptBytes = 16_384;

/**
 * One thread for the context's work. llama.cpp starts its further threads for each batch from the one that asks, and the kernel places
 * them well only where that one stays the same: a step on 2 threads took 10 ms from libuv's pool of four and 2.5 ms from one (62M shape).
 * And what one thread is asked it does in turn, so that a batch and the choice of its tokens go to it together (scheduler.ts).
 * Lanes compute at the same time, each from a thread of its own.
 */
const computeThreads = ({ purpose }: EngineOptions): Record<string, string> => (purpose === 'generate' ? { UV_THREADPOOL_SIZE: '1' } : {});

/** An engine in a child process, behind the same interface as the engine itself. */
export class EngineProcess implements Engine {
	/** settles when the process has ended, for whatever reason */
	readonly gone: Promise<EngineExit>;
	#child: ChildProcess;
	#info: EngineInfo | undefined;
	#opening = Promise.withResolvers<EngineInfo>();
	#onLoading: (fraction: number) => void;
	#generations = new Map<number, Channel<EngineEvent>>();
	#counts = new Map<number, Waiting<number>>();
	#tokens = new Map<number, Waiting<number[]>>();
	#texts = new Map<number, Waiting<string>>();
	#pings = new Map<number, Waiting<EngineStats>>();
	#lastId = 0;
	#exit: EngineExit | undefined;
	#killedFor: 'stuck' | 'frozen' | undefined;
	#stderr = '';

	constructor(options: EngineOptions, launch: EngineLaunch, onLoading: (fraction: number) => void) {
		this.#onLoading = onLoading;
		// A rejection is looked at by open(), or by nobody when the process ends after it.
		this.#opening.promise.catch(() => undefined);
		this.#child = fork(launch.entry, [], { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...launch.env, ...computeThreads(options) } });
		this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-keptBytes)));
		this.#child.on('message', (message) => this.#receive(message as FromEngine));
		this.gone = new Promise((resolve) => {
			const ended = (code: number | null, signal: string | null): void => {
				if (this.#exit) return;
				resolve((this.#exit = { code, signal, stuck: this.#killedFor !== undefined, frozen: this.#killedFor === 'frozen', lastLines: reasonIn(this.#stderr) }));
				this.#failAll(new EngineCrash(this.#exit));
			};
			// 'close' comes when stderr has been read to its end; a grandchild that inherited it must not delay the news.
			this.#child.on('close', ended);
			this.#child.on('exit', (code, signal) => setTimeout(ended, 50, code, signal));
			this.#child.on('error', (error) => {
				this.#stderr += error.message;
				if (this.#child.pid === undefined) ended(null, null);
			});
		});
		this.#send({ type: 'open', options });
	}

	get pid(): number | undefined {
		return this.#child.pid;
	}

	get info(): EngineInfo {
		if (!this.#info) throw new Error('The engine is not open yet');
		return this.#info;
	}

	/** Waits until the model is loaded. @throws AppError of the engine, EngineCrash, or the signal's reason (the process is then killed) */
	async opened(signal: AbortSignal): Promise<void> {
		const aborted = (): void => {
			this.#opening.reject(signal.reason);
			this.kill();
		};
		if (signal.aborted) aborted();
		signal.addEventListener('abort', aborted, { once: true });
		try {
			this.#info = await this.#opening.promise;
		} catch (error) {
			this.kill();
			await this.gone;
			throw error;
		} finally {
			signal.removeEventListener('abort', aborted);
		}
	}

	generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
		const id = ++this.#lastId;
		const channel = new Channel<EngineEvent>();
		if (this.#exit) {
			channel.fail(new EngineCrash(this.#exit));
			return channel;
		}
		this.#generations.set(id, channel);
		this.#send({ type: 'generate', id, request });
		const abort = (): void => this.#send({ type: 'abort', id });
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort, { once: true });
		return channel;
	}

	async countPrompt(request: Pick<GenerateRequest, 'messages' | 'prompt' | 'options'>, signal: AbortSignal): Promise<number> {
		signal.throwIfAborted();
		return this.#ask(this.#counts, (id) => ({ type: 'count', id, request }));
	}

	async tokenize(text: string): Promise<number[]> {
		return this.#ask(this.#tokens, (id) => ({ type: 'tokenize', id, text }));
	}

	async detokenize(tokens: number[]): Promise<string> {
		return this.#ask(this.#texts, (id) => ({ type: 'detokenize', id, tokens }));
	}

	async stats(): Promise<EngineStats> {
		return this.#ask(this.#pings, (id) => ({ type: 'ping', id }));
	}

	forget(owner: StateOwner): void {
		this.#send({ type: 'forget', owner });
	}

	async close(): Promise<void> {
		this.#send({ type: 'close' });
		await this.gone;
	}

	/** Ends the process at once. @param why when it does not answer: it hangs, or somebody has stopped it */
	kill(why?: 'stuck' | 'frozen'): void {
		this.#killedFor ??= why;
		this.#child.kill('SIGKILL');
	}

	#ask<T>(waiting: Map<number, Waiting<T>>, message: (id: number) => ToEngine): Promise<T> {
		if (this.#exit) return Promise.reject(new EngineCrash(this.#exit));
		const id = ++this.#lastId;
		return new Promise<T>((resolve, reject) => {
			waiting.set(id, { resolve, reject });
			this.#send(message(id));
		}).finally(() => waiting.delete(id));
	}

	#send(message: ToEngine): void {
		// A failed send means that the process has ended or is about to; 'gone' tells everyone who waits.
		if (this.#child.connected) this.#child.send(message, () => undefined);
	}

	#receive(message: FromEngine): void {
		switch (message.type) {
			case 'loading':
				return this.#onLoading(message.fraction);
			case 'opened':
				return this.#opening.resolve(message.info);
			case 'openFailed':
				return this.#opening.reject(errorOf(message.failure));
			case 'events':
				for (const row of message.rows) this.#deliver(row.id, row.event);
				return;
			case 'failed': {
				this.#generations.get(message.id)?.fail(errorOf(message.failure));
				this.#generations.delete(message.id);
				return this.#asked().get(message.id)?.reject(errorOf(message.failure));
			}
			case 'counted':
				return this.#counts.get(message.id)?.resolve(message.tokens);
			case 'tokenized':
				return this.#tokens.get(message.id)?.resolve(message.tokens);
			case 'detokenized':
				return this.#texts.get(message.id)?.resolve(message.text);
			case 'pong':
				return this.#pings.get(message.id)?.resolve(message.stats);
			case 'closed':
				return;
		}
	}

	#deliver(id: number, event: EngineEvent): void {
		const channel = this.#generations.get(id);
		channel?.push(event);
		if (event.type !== 'finish' || event.choice) return;
		channel?.end();
		this.#generations.delete(id);
	}

	#failAll(error: EngineCrash): void {
		this.#opening.reject(error);
		for (const channel of this.#generations.values()) channel.fail(error);
		this.#generations.clear();
		for (const waiting of this.#asked().values()) waiting.reject(error);
	}

	/** Everyone who waits for one reply. */
	#asked(): Map<number, Pick<Waiting<never>, 'reject'>> {
		return new Map<number, Pick<Waiting<never>, 'reject'>>([...this.#counts, ...this.#tokens, ...this.#texts, ...this.#pings]);
	}
}
