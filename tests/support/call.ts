/** A response, read whole. `body` is the parsed JSON, or the text where it is none. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answered = { status: number; headers: Headers; body: any };

/** Sends a request to a path of the server; a body that is no string goes as JSON. */
export async function call(server: { url: string }, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
	const isText = typeof body === 'string';
	const response = await fetch(server.url + path, {
		method,
		headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
		...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) })
	});
	const text = await response.text();
	const isJson = (response.headers.get('content-type') ?? '').includes('json');
	return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
