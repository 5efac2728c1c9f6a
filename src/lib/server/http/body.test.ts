import { describe, expect, it } from 'vitest';
import { jsonIn } from './body.ts';

const read = (text: string) => jsonIn(new TextEncoder().encode(text));

describe('jsonIn', () => {
	it('reads JSON, with everything that may stand in it', () => {
		expect(read('{"a":["\\u0041\\n",1.5e3,null,true],"__b":{}}')).toEqual({ a: ['A\n', 1500, null, true], __b: {} });
	});

	it.each(['{"__proto__":{"x":1},"y":2}', '{"\\u005f_proto__":{"x":1},"y":2}', '{"__\\u0070roto__":{"x":1},"y":2}', '{"\\u005F\\u005Fproto\\u005f\\u005f":{"x":1},"y":2}'])('leaves a prototype out: %s', (text) => {
		const found = read(text) as { x?: number };
		expect(Object.getOwnPropertyNames(found)).toEqual(['y']);
		expect(found.x).toBeUndefined();
	});

	it('leaves it out wherever it is', () => expect(Object.getOwnPropertyNames((read('{"a":[{"__proto__":[]}]}') as { a: [object] }).a[0])).toEqual([]));

	it.each([
		['[', 'MALFORMED_BODY'],
		['', 'MALFORMED_BODY'],
		[`${'['.repeat(513)}${']'.repeat(513)}`, 'MALFORMED_BODY']
	])('refuses %#', (text, code) => expect(() => read(text)).toThrow(expect.objectContaining({ code })));

	it('refuses what is not UTF-8', () => expect(() => jsonIn(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(expect.objectContaining({ code: 'MALFORMED_BODY' })));

	it('takes 512 lists within each other', () => expect(read(`${'['.repeat(512)}${']'.repeat(512)}`)).toHaveLength(1));
});
