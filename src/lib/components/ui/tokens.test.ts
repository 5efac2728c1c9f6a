import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** WCAG AA for text of the interface's sizes. */
const enough = 4.5;

/** Text colour → the grounds that it stands on. */
const pairs: Record<string, string[]> = {
	ink: ['canvas', 'rail', 'hover', 'active', 'float', 'error-soft', 'code-ground'],
	muted: ['canvas', 'rail', 'hover', 'active', 'float', 'error-soft'],
	'accent-ink': ['canvas', 'hover', 'float'],
	running: ['canvas', 'rail', 'hover', 'float'],
	loading: ['canvas', 'rail', 'hover', 'float'],
	stopped: ['canvas', 'rail', 'hover', 'float'],
	error: ['canvas', 'hover', 'float', 'error-soft'],
	canvas: ['ink', 'error'],
	...Object.fromEntries(['comment', 'keyword', 'string', 'number', 'name'].map((part) => [`code-${part}`, ['code-ground']]))
};

/** Relative luminance of an oklch colour. Source: https://bottosson.github.io/posts/oklab/ and WCAG 2.2. */
function luminance([lightness, chroma, hue]: [number, number, number]): number {
	const a = chroma * Math.cos((hue * Math.PI) / 180);
	const b = chroma * Math.sin((hue * Math.PI) / 180);
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	const [red, green, blue] = [
		4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
		-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
		-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
	].map((channel) => Math.min(1, Math.max(0, channel))) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const css = readFileSync(new URL('../../../app.css', import.meta.url), 'utf8');

function tokensOf(selector: string): Map<string, [number, number, number]> {
	const block = css.slice(css.indexOf(`\n${selector} {`)).split('\n}')[0]!;
	return new Map([...block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map((found) => [found[1]!, [Number(found[2]), Number(found[3]), Number(found[4])]]));
}

describe.each([':root', '.dark'])('colours of %s', (selector) => {
	const tokens = tokensOf(selector);
	const light = new Map([...tokens].map(([name, colour]) => [name, luminance(colour)]));

	it('carry text at AA', () => {
		const weak = Object.entries(pairs).flatMap(([text, grounds]) =>
			grounds.map((ground) => {
				const [a, b] = [light.get(text), light.get(ground)];
				if (a === undefined || b === undefined) return `${text} or ${ground} is not defined`;
				const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
				return ratio < enough ? `${text} on ${ground}: ${ratio.toFixed(2)}` : '';
			})
		);
		expect(weak.filter(Boolean)).toEqual([]);
	});

	it('name the same things as the other theme', () => {
		expect([...tokens.keys()].sort()).toEqual([...tokensOf(':root').keys()].sort());
	});
});
