import { AppError } from '../errors.ts';

/** Bytes a request or a WebSocket message may have: document A's 10 MB. */
export const maxBodyBytes = 10 * 1024 * 1024;

const tooLarge = () => new AppError('PAYLOAD_TOO_LARGE', 'The request body is larger than 10 MiB', { details: 'Send at most 10 MiB per request' });

/** Reads the body whole, at most {@link maxBodyBytes}; a longer one is read on and discarded, bounded, so that the answer reaches the client. */
async function readBytes(request: Request): Promise<Uint8Array> {
	if (!request.body) return new Uint8Array();
	const chunks: Uint8Array[] = [];
	let total = 0;
	try {
		for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
			total += chunk.byteLength;
			if (total <= maxBodyBytes) chunks.push(chunk);
			else chunks.length = 0;
			if (total > 4 * maxBodyBytes) break;
		}
	} catch (error) {
		if ((error as { status?: number }).status === 413) throw tooLarge();
		throw new AppError('MALFORMED_BODY', 'The request body ended early', { cause: error });
	}
	if (total > maxBodyBytes) throw tooLarge();
	return Buffer.concat(chunks);
}

/** Lists and objects within each other. Nothing needs as many, and what walks through a value would run out of stack long before the body's limit. */
const deepest = 512;

function isTooDeep(bytes: Uint8Array): boolean {
	let depth = 0;
	let inString = false;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i]!;
		if (inString) {
			if (byte === 0x5c) i++; // a backslash
			else if (byte === 0x22) inString = false;
		} else if (byte === 0x22) inString = true;
		else if (byte === 0x5b || byte === 0x7b) {
			if (++depth > deepest) return true;
		} else if (byte === 0x5d || byte === 0x7d) depth--;
	}
	return false;
}

/** A text that has the name, or may have it behind an escape: to look at each member costs ten times the parsing. */
const mayNamePrototype = (text: string): boolean => text.includes('__proto__') || text.includes('\\u');

/** The JSON in a request's or a message's bytes, without `__proto__` members: they never name anything of ours. @throws AppError MALFORMED_BODY */
export function jsonIn(bytes: Uint8Array): unknown {
	if (isTooDeep(bytes)) throw new AppError('MALFORMED_BODY', `The request body has lists and objects nested more than ${deepest} deep`);
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		return mayNamePrototype(text) ? JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) : JSON.parse(text);
	} catch (error) {
		throw new AppError('MALFORMED_BODY', 'The request body is not valid JSON', { details: error instanceof SyntaxError ? error.message : 'It is not valid UTF-8', cause: error });
	}
}

/**
 * The request's JSON. An empty body is undefined, for the procedure's schema to judge.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, MALFORMED_BODY
 */
export async function readJson(request: Request): Promise<unknown> {
	const bytes = await readBytes(request);
	if (bytes.byteLength === 0) return undefined;
	const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
	if (type !== 'application/json' && !type.endsWith('+json'))
		throw new AppError('UNSUPPORTED_MEDIA_TYPE', `The body's media type is ${type || 'not given'}; send application/json`);
	return jsonIn(bytes);
}
