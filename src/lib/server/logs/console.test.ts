import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { consoleLine } from './console.ts';

const entry = { level: 'info', message: 'Open http://127.0.0.1:3000', timestamp: '2026-01-02T03:04:05.678Z', source: 'server' } as const;
const plain = (line: string) => line.replace(/\u001b\[\d+m/g, '');

it('a terminal gets time, source and message on one line', () => {
	expect(plain(consoleLine(entry))).toMatch(/^\d\d:\d\d:05 server {8}Open http:\/\/127\.0\.0\.1:3000\n$/);
});

it('a warning stands out', () => {
	expect(consoleLine({ ...entry, level: 'warn' })).toContain('\u001b[33m');
	expect(consoleLine(entry)).not.toContain('\u001b[33m');
});

it('lines that come together are written together, also when the program ends at once', async () => {
	const program = `import { print } from '${import.meta.dirname}/console.ts'; const write = process.stdout.write.bind(process.stdout); let times = 0; process.stdout.write = (text) => { times++; return write(text); }; print('one\\n'); print('two\\n'); process.on('exit', () => write('written ' + times + ' times'));`;
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', program]);
	expect(stdout).toBe('one\ntwo\nwritten 1 times');
});
