import { describe, expect, it } from 'vitest';
import { renderBlocks } from './render.ts';

const context = { copy: 'Copy', highlight: () => null, math: (tex: string, display: boolean) => `<math${display ? ' display' : ''}>${tex}</math>` };
const render = (text: string) => renderBlocks(text, context).join('\n');

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
		const blocks = renderBlocks(whole, context);
		expect(blocks).toHaveLength(4);
		expect(renderBlocks(`${whole} and more`, context).slice(0, 3)).toEqual(blocks.slice(0, 3));
	});

	it('takes blocks that it has rendered, unless what they refer to has changed', () => {
		const known = new Map<string, string>();
		const rendered = (text: string) => renderBlocks(text, context, known);
		expect(rendered('One [a][1].\n\nTwo')).toEqual(renderBlocks('One [a][1].\n\nTwo', context));
		const whole = 'One [a][1].\n\nTwo and more\n\n[1]: https://example.org';
		expect(rendered(whole)[0]).toContain('href="https://example.org"');
		expect(rendered(whole)).toEqual(renderBlocks(whole, context));
		known.forEach((_, key) => known.set(key, 'kept'));
		expect(rendered(whole)).toEqual(['kept', 'kept']);
	});

	it('keeps the columns of a table and marks tasks', () => {
		expect(render('| a | b |\n|---|--:|\n| x | 1 |')).toContain('<td align="right">1</td>');
		expect(render('- [x] done\n- [ ] open')).toMatch(/☑ done[\s\S]*☐ open/);
	});

	it('shows formulas in the ways models write them', () => {
		for (const [text, markup] of [
			['$$\nx^2\n$$', '<div class="formula" tabindex="0"><math display>x^2</math></div>'],
			['\\[x^2\\]', '<div class="formula" tabindex="0"><math display>x^2</math></div>'],
			['so \\(x^2\\), then', '<p>so <math>x^2</math>, then</p>'],
			['so $x_1$ and $y_1$.', '<p>so <math>x_1</math> and <math>y_1</math>.</p>'],
			['in line $$x^2$$ it', '<p>in line <math display>x^2</math> it</p>']
		] as const)
			expect(render(text).trim(), text).toBe(markup);
	});

	it('takes money, shell variables and code for what they are', () => {
		for (const text of ['from $5 to $10', 'it costs $5 or 6 $ more', 'echo $HOME and $ PATH $', 'one $ alone', '`$x$`', '```\n$$x$$\n```']) expect(render(text), text).not.toContain('<math');
	});

	it('shows a formula that is not understood as it was written, escaped', () => {
		const markup = renderBlocks('$<img src=x onerror=alert(1)>$', { ...context, math: () => null }).join('');
		expect(markup).toContain('$&lt;img');
	});
});
