import { describe, expect, it } from 'vitest';
import { textOf, withFiles, withoutFiles } from './attached-files.ts';

describe('files with a message', () => {
	it.each([
		['plain', [{ name: 'notes.md', text: 'One\n\nTwo' }]],
		['fences within', [{ name: 'a: b.md', text: '```js\n1\n```\n\nand ````' }, { name: 'empty', text: '' }]],
		['none', []]
	])('come apart as they were put together: %s', (_, files) => {
		expect(withoutFiles(withFiles('What is this?', files))).toEqual({ files, text: 'What is this?' });
	});

	it('are not seen where somebody only writes of them', () => {
		const text = 'Look:\nFile a.txt:\n```\nx\n```\n\n';
		expect(withoutFiles(text)).toEqual({ files: [], text });
	});

	it('are text alone', async () => {
		expect(await textOf(new Blob(['é\r\nb']))).toBe('é\nb');
		expect(await textOf(new Blob([new Uint8Array([0xff, 0xfe, 0x00])]))).toBeNull();
		expect(await textOf(new Blob(['a\0b']))).toBeNull();
	});
});
