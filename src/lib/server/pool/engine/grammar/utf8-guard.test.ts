import { expect, it } from 'vitest';
import { createUtf8Guard } from './utf8-guard.ts';

it('names the tokens that would make a character overlong, a surrogate or no Unicode', () => {
	const tokens = [[0x41], [0xe0], [0x82], [0xa5], [0x20, 0xf0], [0x9f, 0x99], [0xed], [0xf4], [0xe2]];
	const guard = createUtf8Guard(tokens.length, (token) => Uint8Array.from(tokens[token]!));
	expect(tokens.map((_, token) => guard(token))).toEqual([[], [2, 5], [], [], [2], [], [3], [5, 3].sort(), []]);
});
