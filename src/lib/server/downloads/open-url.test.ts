import type { lookup as systemLookup } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openUrl } from './open-url.ts';

let connections = 0;
const server = createServer((_, response) => response.end('secret')).on('connection', () => connections++);
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

/** A name server that tells a public address to whoever looks first, and a private one after. */
const rebinding = (answers: string[]) => ((_name: string, _options: object, done: (error: null, addresses: object[]) => void) => done(null, [{ address: answers.length > 1 ? answers.shift()! : answers[0]!, family: 4 }])) as unknown as typeof systemLookup;

it.each([['at once'], ['after a first look']])('a name that leads to a private address is refused %s, before anything is connected', async (when) => {
	const { port } = server.address() as AddressInfo;
	const url = `https://models.example.org:${port}/x.gguf`;
	const answers = when === 'at once' ? ['127.0.0.1'] : ['127.0.0.1', '127.0.0.1'];
	const asking = { rules: { hub: 'https://huggingface.co', operator: [], allowed: [`models.example.org:${port}`] }, lookup: rebinding(answers) };
	await expect(openUrl(url, asking, new AbortController().signal)).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringMatching(/private address/) as string });
	expect(connections).toBe(0);
});

it('of several addresses none may be private', async () => {
	const { port } = server.address() as AddressInfo;
	const lookup = ((_name: string, _options: object, done: (error: null, addresses: object[]) => void) => done(null, [{ address: '8.8.8.8', family: 4 }, { address: '::1', family: 6 }])) as unknown as typeof systemLookup;
	const asking = { rules: { hub: 'https://huggingface.co', operator: [], allowed: [`models.example.org:${port}`] }, lookup };
	await expect(openUrl(`https://models.example.org:${port}/x.gguf`, asking, new AbortController().signal)).rejects.toMatchObject({ code: 'FORBIDDEN' });
	expect(connections).toBe(0);
});
