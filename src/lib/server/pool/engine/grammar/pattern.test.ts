import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../../../tests/support/gguf/random.ts';
import { allBut, automatonOf, both, ofLength, type Automaton } from './automaton.ts';
import { readPattern } from './pattern.ts';

const machine = (source: string): Automaton => automatonOf(readPattern(source, '#'), '#');

function takes({ edges, accepts }: Automaton, text: string): boolean {
	let state = 0;
	for (const letter of text) {
		const code = letter.codePointAt(0)!;
		const step = edges[state]!.filter(({ on }) => on.some(([first, last]) => first <= code && code <= last));
		if (step.length > 1) throw new Error(`two ways at ${letter}`);
		if (step.length === 0) return false;
		state = step[0]!.to;
	}
	return accepts[state]!;
}

const patterns = [
	'^[a-c]{2,3}$', 'ab', '^(ab|a)*c?$', '^a|b$', '^\\d+(\\.\\d+)?$', '^[^ab]*$', '^\\w\\W\\s$', '^(?:a?){3}a{3}$', '^.$', '(a*)*b', '^(?<first>a+?)b??$', '^[\\]\\-\\\\]$',
	'^\\u{1F642}\\x41\\u0062$', '', '^$', '^[\\d-]+$', '^(a|b|)c', '\\$\\^\\/', '^\\S{1,2}$', '^[^\\s]$', '^[\\b\\n]$', '^(\\D|2)*$'
];
const letters = [...'aabbcc012. \n-]\\$^/_é🙂Ab'];

describe('readPattern', () => {
	it.each(patterns)('takes what /%s/u takes', (source) => {
		const regExp = new RegExp(source, 'u');
		const automaton = machine(source);
		const random = createRandom(1, source);
		for (let i = 0; i < 2000; i++) {
			const text = Array.from({ length: random.integer() % 7 }, () => random.pick(letters)).join('');
			expect(takes(automaton, text), JSON.stringify(text)).toBe(regExp.test(text));
		}
	});

	it.each([['(?=a)', 'look-around'], ['(?<!a)b', 'look-around'], ['(a)\\1', '\\1'], ['\\bword\\b', '\\b'], ['a$b', '$ inside'], ['(^a)', '^ inside'], ['\\p{L}', '\\p'], ['[', 'no regular expression'], ['a{3000}', 'repetitions'], ['((a{50}){50}){50}', 'too large'], ['^(a|b)*a(a|b){12}$', 'too many cases']])('refuses %s by name', (source, named) => {
		const refused = () => automatonOf(readPattern(source, '#/properties/x'), '#/properties/x');
		expect(refused).toThrow(named);
		expect(refused).toThrow('#/properties/x');
	});
});

describe('automata', () => {
	it('take what both take', () => {
		const joined = both(machine('^[a-c]+$'), machine('b$'), '#');
		expect(['b', 'ab', 'cb'].every((text) => takes(joined, text))).toBe(true);
		expect(['a', 'xb', ''].some((text) => takes(joined, text))).toBe(false);
	});

	it('take texts of a length in code points', () => {
		const limited = ofLength(machine('^.*$'), 2, 3, '#');
		expect(['', 'a', 'ab', 'a🙂c', 'abcd'].map((text) => takes(limited, text))).toEqual([false, false, true, true, false]);
		const least = ofLength(machine('^a*$'), 2, Infinity, '#');
		expect(['a', 'aa', 'aaaaaa'].map((text) => takes(least, text))).toEqual([false, true, true]);
	});

	it('take all texts but some', () => {
		const others = allBut(['a', 'abc', '🙂'], '#');
		expect(['a', 'abc', '🙂'].some((text) => takes(others, text))).toBe(false);
		expect(['', 'ab', 'abcd', 'b', '🙃', 'aa'].every((text) => takes(others, text))).toBe(true);
	});
});
