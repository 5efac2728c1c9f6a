import http from 'node:http';

/** An OpenAI-style endpoint to load. */
export type Target = { url: string; key: string; model: string };

/** What one chat took, in milliseconds from its start. `whole`: what came, as it came. */
export type Timing = { firstTokenMs: number; gapsMs: number[]; totalMs: number; whole: string; /** of the program's own endpoint */ conversationId?: string | undefined };

const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const text = /"content":"(?!")/g;

/**
 * One chat over Node's bare HTTP client, so that the client adds as little as possible. Streamed: every chunk of text is
 * timed when its bytes come. `members`: more of the request's body, also instead of the prompt.
 * `path`: the program's own endpoint in place of OpenAI's.
 */
export function chat({ url, key, model }: Target, { stream, prompt, members, path = '/v1/chat/completions' }: { stream: boolean; prompt?: string | undefined; members?: object | undefined; path?: string }): Promise<Timing> {
	const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: prompt }], ...members });
	return new Promise((resolve, reject) => {
		const startedAt = performance.now();
		const request = http.request(url + path, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization: `Bearer ${key}` } }, (response) => {
			const times: number[] = [];
			let whole = '';
			response.setEncoding('utf8');
			response.on('data', (part: string) => {
				const now = performance.now();
				if (stream) for (const _token of part.matchAll(text)) times.push(now);
				whole += part;
			});
			response.on('end', () => {
				const good = response.statusCode === 200 && (stream ? whole.includes('[DONE]') : whole.includes('"choices"'));
				if (!good) return reject(new Error(`${url} answered ${response.statusCode}: ${whole.slice(0, 300)}`));
				resolve({ firstTokenMs: (times[0] ?? NaN) - startedAt, gapsMs: times.slice(1).map((time, index) => time - times[index]!), totalMs: performance.now() - startedAt, whole, conversationId: response.headers['x-conversation-id']?.toString() });
			});
			response.on('error', reject);
		});
		// A kept socket that the server has closed in the meantime says nothing about this chat: it goes over another.
		request.on('error', (error) => (request.reusedSocket && !request.res ? resolve(chat({ url, key, model }, { stream, prompt, members, path })) : reject(error)));
		request.end(body);
	});
}
