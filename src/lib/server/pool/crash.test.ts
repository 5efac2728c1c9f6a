import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, eventually, follow, isAlive, isText, openPool, sentence, type OpenPool } from '../../../../tests/support/pool/open-pool.ts';
import type { AppError } from '../errors.ts';
import type { PoolOptions } from './pool.ts';

const support = resolve(import.meta.dirname, '../../../../tests/support');
const never = (): AbortSignal => new AbortController().signal;

describe('the pool, when an engine fails', () => {
	const opened: OpenPool[] = [];
	const open = (options: Partial<PoolOptions> = {}): OpenPool => {
		opened.push(openPool(options));
		return opened.at(-1)!;
	};
	afterEach(async () => {
		for (const each of opened.splice(0)) await each.close();
	});
	const failureOf = (stream: { done: Promise<unknown> }): Promise<AppError> => stream.done.then(() => Promise.reject(new Error('it did not fail')), (error: unknown) => error as AppError);

	it('ends the running answer of a killed engine with an error event; who waits and other models go on, and it is back', async () => {
		const { pool, endless, scripted, stateOf, count } = open();
		const running = follow(pool, endless('a'), ask({ maxTokens: Infinity }));
		await running.until(isText);
		const other = follow(pool, endless('b'), ask({ maxTokens: 3000 }));
		await other.until(isText);
		const waiting = follow(pool, endless('a'), ask({ maxTokens: 5 }));
		const killedAt = performance.now();
		process.kill(stateOf('a')!.pid!, 'SIGKILL');
		expect((await running.done).slice(-2)).toEqual([
			{ type: 'error', code: 'ENGINE_CRASHED', message: expect.stringContaining('SIGKILL') as string },
			{ type: 'finish', reason: 'error' }
		]);
		expect(performance.now() - killedAt).toBeLessThan(1000);
		await waiting.done;
		expect(waiting.finish).toBe('length');
		await other.done;
		expect(other.finish).toBe('length');
		expect(count('crashed')).toBe(1);
		expect(count('loadStarted', 'b')).toBe(1);
		expect(stateOf('a')!.phase).toBe('running');
		await follow(pool, scripted('c')).done;
	});

	it('starts a killed idle engine again at once', async () => {
		const { pool, scripted, stateOf, count } = open();
		const { pid } = await pool.load(scripted(), never());
		process.kill(pid!, 'SIGKILL');
		await eventually(() => count('loadFinished') === 2);
		expect(stateOf('scripted')!.pid).not.toBe(pid);
		const answer = follow(pool, scripted());
		await answer.done;
		expect(answer.text()).toBe(sentence);
	});

	it('gives a request that the engine had not begun to the next engine', async () => {
		const { pool, endless, stateOf, count } = open();
		await pool.load(endless(), never());
		const { pid } = stateOf('endless')!;
		process.kill(pid!, 'SIGSTOP');
		const answer = follow(pool, endless(), ask({ maxTokens: 5 }));
		await eventually(() => count('granted') === 1);
		process.kill(pid!, 'SIGKILL');
		await answer.done;
		expect(answer.finish).toBe('length');
		expect(count('retried')).toBe(1);
	});

	it('notices an engine that hangs, kills it, and serves with a new one', async () => {
		const { pool, endless, stateOf, events } = open({ limits: { heartbeatMs: 50, stuckMs: 300 } });
		const running = follow(pool, endless(), ask({ maxTokens: Infinity }));
		await running.until(isText);
		const { pid } = stateOf('endless')!;
		process.kill(pid!, 'SIGSTOP');
		await running.done;
		expect(running.events.at(-2)).toMatchObject({ type: 'error', code: 'ENGINE_CRASHED', message: expect.stringContaining('did not answer') as string });
		expect(isAlive(pid!)).toBe(false);
		expect(events.find((event) => event.type === 'crashed')).toMatchObject({ stuck: true, runningRequests: 1 });
		const answer = follow(pool, endless(), ask({ maxTokens: 5 }));
		await answer.done;
		expect(answer.finish).toBe('length');
	});

	it('ends an answer that makes no progress, and the engine that does not even stop', async () => {
		const { pool, scripted, count } = open({ entry: resolve(support, 'engines/mute.ts') });
		const answer = follow(pool, scripted('a', { progressTimeoutMs: 30 }));
		expect(await failureOf(answer)).toMatchObject({ code: 'TIMEOUT' });
		await eventually(() => count('crashed') === 1);
	});

	it('kills an engine that does not end when it is asked to', async () => {
		const { pool, scripted, stateOf } = open({ limits: { killAfterMs: 200 } });
		const { pid } = await pool.load(scripted(), never());
		process.kill(pid!, 'SIGSTOP');
		await pool.unload('scripted');
		expect(isAlive(pid!)).toBe(false);
		expect(stateOf('scripted')!.phase).toBe('stopped');
	});

	it('sets a file aside that ends its engine twice, and tries it again once it has changed', async () => {
		const { pool, scripted, events, count, stateOf } = open({ entry: resolve(support, 'engines/aborting.ts') });
		const model = scripted();
		const error = await failureOf(follow(pool, model));
		expect(error).toMatchObject({ code: 'MODEL_LOAD_ERROR', message: expect.stringMatching(/set aside.*SIGABRT/) as string, details: expect.stringContaining('n_head > 0') as string });
		expect(count('loadStarted')).toBe(2);
		expect(events.filter((event) => event.type === 'quarantined')).toHaveLength(1);
		expect(stateOf('scripted')).toMatchObject({ phase: 'error', error: error.message });

		expect((await failureOf(follow(pool, model))).message).toBe(error.message);
		expect(count('loadStarted')).toBe(2);

		utimesSync(model.path, 1, 1);
		await failureOf(follow(pool, model));
		expect(count('loadStarted')).toBe(4);
	});

	it('does not set a good file aside whose engine is killed again and again before a first answer', async () => {
		const { pool, scripted, count } = open();
		for (let kills = 0; kills < 2; kills++) {
			const { pid } = await pool.load(scripted(), never());
			process.kill(pid!, 'SIGKILL');
			await eventually(() => count('crashed') === kills + 1);
		}
		const answer = follow(pool, scripted());
		await answer.done;
		expect(answer.text()).toBe(sentence);
		expect(count('quarantined')).toBe(0);
	});

	it('leaves no engine behind when it closes', async () => {
		const { pool, endless, scripted } = open();
		const running = follow(pool, endless(), ask({ maxTokens: Infinity }));
		await running.until(isText);
		await pool.load(scripted(), never());
		const pids = pool.states().map((state) => state.pid!);
		await pool.close();
		expect(pids.map(isAlive)).toEqual([false, false]);
	});

	it('leaves no engine behind when its own process is killed', async () => {
		const { endless } = open();
		const program = spawn(process.execPath, [resolve(support, 'pool/run-pool.ts'), endless().path], { stdio: ['ignore', 'pipe', 'inherit'] });
		const [line] = (await once(program.stdout, 'data')) as [Buffer];
		const pid = Number(line.toString());
		expect(isAlive(pid)).toBe(true);
		program.kill('SIGKILL');
		await eventually(() => !isAlive(pid), 3000);
	});
});
