import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { LogFiles, logFile } from './files.ts';
import { closeLogFiles, logger, openLogFiles } from './logger.ts';
import { downloadEntries } from './read.ts';

let open: LogFiles | undefined;
afterEach(() => open?.close());
async function filesIn(folder: string, limits: ConstructorParameters<typeof LogFiles>[1] = {}): Promise<LogFiles> {
	open = new LogFiles(folder, limits);
	await open.open();
	return open;
}
const text = (folder: string, age = 0) => readFileSync(logFile(folder, age), 'utf8');
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('log files', () => {
	it('hold every line, in order, for this user alone', async () => {
		const folder = join(temporaryFolder(), 'logs');
		const files = await filesIn(folder);
		for (let i = 0; i < 1000; i++) files.write(`line ${i}\n`);
		await files.flush();
		expect(text(folder)).toBe(Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join(''));
		expect([modeOf(folder), modeOf(logFile(folder, 0))]).toEqual(['700', '600']);
	});

	it('close to others what was open before, and go on where they were', async () => {
		const folder = temporaryFolder();
		writeFileSync(logFile(folder, 0), 'before\n', { mode: 0o644 });
		const files = await filesIn(folder);
		files.write('after\n');
		await files.flush();
		expect(text(folder)).toBe('before\nafter\n');
		expect(modeOf(logFile(folder, 0))).toBe('600');
	});

	it('are written without being asked, soon', async () => {
		const folder = temporaryFolder();
		(await filesIn(folder, { waitMs: 10 })).write('soon\n');
		await expect.poll(() => text(folder)).toBe('soon\n');
	});

	it('are put aside when full, and the oldest is forgotten: the size on the disk is bounded', async () => {
		const folder = temporaryFolder();
		const files = await filesIn(folder, { bytes: 100, files: 3 });
		for (let i = 0; i < 20; i++) {
			files.write(`line ${String(i).padStart(3, '0')} ${'.'.repeat(20)}\n`);
			await files.flush();
		}
		expect(readdirSync(folder).sort()).toEqual(['llama-runner.1.log', 'llama-runner.2.log', 'llama-runner.log']);
		const lines = [2, 1, 0].flatMap((age) => text(folder, age).trim().split('\n')).map((line) => Number(line.slice(5, 8)));
		expect(lines).toEqual(Array.from({ length: lines.length }, (_, i) => 20 - lines.length + i));
		for (const age of [0, 1, 2]) expect(statSync(logFile(folder, age)).size).toBeLessThanOrEqual(100);
	});

	it('that can\'t be written bound what waits, say so once they can, and go on', async () => {
		const folder = join(temporaryFolder(), 'logs');
		const files = await filesIn(folder, { bytes: 10, waitingBytes: 200 });
		files.write('first line\n');
		await files.flush();
		rmSync(folder, { recursive: true });
		for (let i = 0; i < 100; i++) files.write('this one has nowhere to go\n');
		await files.flush();
		await files.open();
		files.write('back\n');
		await files.flush();
		const [about, ...rest] = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).join('').trim().split('\n');
		expect(about).toContain('100 log lines are missing here');
		expect(rest).toEqual(['back']);
	});

	it('give back what is meant, also of files put aside, and pass over half a line', async () => {
		const folder = temporaryFolder();
		writeFileSync(logFile(folder, 1), `${JSON.stringify({ level: 'error', time: 't', source: 'old', msg: 'older' })}\n{"level":"err\n`);
		appendFileSync(logFile(folder, 0), `${JSON.stringify({ level: 'info', time: 't', source: 'old', msg: 'newer' })}\n`);
		await openLogFiles(folder);
		try {
			logger('test').error({ requestId: 'r1' }, 'newest');
			const read = async (filter: Parameters<typeof downloadEntries>[0]) => {
				let all = '';
				for await (const piece of downloadEntries(filter, new AbortController().signal)) all += piece;
				return all.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { msg: string }).msg);
			};
			expect(await read({})).toEqual(['older', 'newer', 'newest']);
			expect(await read({ level: 'error' })).toEqual(['older', 'newest']);
			expect(await read({ source: 'old', text: 'NEW' })).toEqual(['newer']);
			expect(await read({ requestId: 'r1' })).toEqual(['newest']);
		} finally {
			await closeLogFiles();
		}
	});
});
