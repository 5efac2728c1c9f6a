import { AppError } from '../errors.ts';

const wrong = (why: string) => new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`baseUrl ${why}`] });

/**
 * The root of an upstream's API from what an administrator typed: `http://host:1234`, with or without `/v1` and slashes.
 * @throws AppError VALIDATION_ERROR
 */
export function upstreamRoot(typed: string): string {
	if (!URL.canParse(typed)) throw wrong('must be a URL such as http://127.0.0.1:1234');
	const url = new URL(typed);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') throw wrong('must begin with http:// or https://');
	if (url.username || url.password) throw wrong('must not hold a name or password; give the key as apiKey');
	if (url.search || url.hash) throw wrong('must not hold a query or a fragment');
	return url.origin + url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
}
