/**
 * llama.cpp's grammars read overlong UTF-8 as the character it would spell, while everyone else reads it as broken. So after a
 * token that ends in a leading byte, tokens may not follow that would make it overlong, a surrogate or no Unicode. Pure.
 */
import type { TokenBytes } from '../token-bytes.ts';

/** Second bytes that must not follow a leading byte (RFC 3629, section 4). */
const forbidden: Record<number, [first: number, last: number]> = { 0xe0: [0x80, 0x9f], 0xed: [0xa0, 0xbf], 0xf0: [0x80, 0x8f], 0xf4: [0x90, 0xbf] };

/** Tokens that must not follow a token. */
export type Utf8Guard = (token: number) => readonly number[];

export function createUtf8Guard(vocabularySize: number, bytesOf: TokenBytes): Utf8Guard {
	const leads = new Map<number, number>();
	const followers = new Map<number, number[]>(Object.keys(forbidden).map((lead) => [Number(lead), []]));
	for (let token = 0; token < vocabularySize; token++) {
		const bytes = bytesOf(token);
		const last = bytes.at(-1);
		if (last !== undefined && last in forbidden) leads.set(token, last);
		for (const [lead, [from, to]] of Object.entries(forbidden)) if (bytes[0] !== undefined && bytes[0] >= from && bytes[0] <= to) followers.get(Number(lead))!.push(token);
	}
	return (token) => followers.get(leads.get(token) ?? -1) ?? [];
}
