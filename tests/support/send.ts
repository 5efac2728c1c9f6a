import { request } from 'node:http';
import type { RunningServer } from './start-server.ts';

export type RawAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** A request with every header under control; fetch forbids Host, Origin and Sec-Fetch-Site. */
export function send(server: Pick<RunningServer, 'url'>, path: string, options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}): Promise<RawAnswer> {
	return new Promise((resolve, reject) => {
		const call = request(`${server.url}${path}`, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false }, (response) => {
			let body = '';
			response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
			response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
		});
		call.on('error', reject);
		call.end(options.body);
	});
}
