import { describe, expect, it } from 'vitest';
import { renderBlocks } from './render.ts';

const render = (text: string) => renderBlocks(text, { copy: 'Copy', highlight: () => null }).join('\n');

describe('markdown of a model', () => {
	it('shows raw HTML as text', () => {
		const markup = render('<img src=x onerror=alert(1)>\n\nInline <script>alert(1)</script> and <b>bold</b>');
		expect(markup).not.toMatch(/<(img|script|b)\b/);
		expect(markup).toContain('&lt;script&gt;');
	});

	it('never loads an image: it is a link to open', () => {
		const markup = render('![a pixel](https://evil.example/p.png)');
		expect(markup).not.toContain('<img');
		expect(markup).toContain('<a href="https://evil.example/p.png" target="_blank" rel="noopener noreferrer">a pixel</a>');
	});

	it('links to the web only', () => {
		expect(render('[docs](https://example.org "t")')).toContain('<a href="https://example.org" target="_blank" rel="noopener noreferrer">docs</a>');
		for (const href of ['javascript:alert(1)', 'data:text/html,x', '/trpc/chat.stop', 'vbscript:x', ' javascript:x'])
			expect(render(`[word](<${href}>)`), href).not.toContain('href');
	});

	it('escapes what stands in attributes and in code', () => {
		expect(render('[x](<https://e.example/"onmouseover="alert(1)>)')).not.toContain('"onmouseover=');
		const markup = render('```ts" onclick="x\n<b>&\n```');
		expect(markup).toContain('<span>ts</span>');
		expect(markup).toContain('&lt;b&gt;&amp;');
	});

	it('is one piece for each block, so that only the last one changes while it grows', () => {
		const whole = '# Title\n\nA paragraph.\n\n```js\nconst a = 1;\n```\n\n- one\n- two';
		const blocks = renderBlocks(whole, { copy: 'Copy', highlight: () => null });
		expect(blocks).toHaveLength(4);
		expect(renderBlocks(`${whole} and more`, { copy: 'Copy', highlight: () => null }).slice(0, 3)).toEqual(blocks.slice(0, 3));
	});

	it('keeps the columns of a table and marks tasks', () => {
		expect(render('| a | b |\n|---|--:|\n| x | 1 |')).toContain('<td align="right">1</td>');
		expect(render('- [x] done\n- [ ] open')).toMatch(/☑ done[\s\S]*☐ open/);
	});
});
