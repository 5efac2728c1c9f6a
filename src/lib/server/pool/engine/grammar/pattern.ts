/** Reads the regular part of JavaScript's regular expressions (with the flag u, as JSON Schema has them). */
import type { Node } from './automaton.ts';
import { codePoints, complement, everything, union, type CodePoints } from './code-points.ts';
import { refuse } from './refuse.ts';

const digits: CodePoints = [[48, 57]];
const wordLetters: CodePoints = union(digits, [[65, 90]], codePoints('_'), [[97, 122]]);
const spaces: CodePoints = union(codePoints('\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'), [[0x2000, 0x200a]]);
const lineEnds = codePoints('\n\r\u2028\u2029');
const classes: Record<string, CodePoints> = { d: digits, D: complement(digits), w: wordLetters, W: complement(wordLetters), s: spaces, S: complement(spaces) };
const controls: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

const anything: Node = { type: 'repeat', node: { type: 'set', set: everything }, min: 0, max: Infinity };
const nothing: Node = { type: 'all', nodes: [] };

/** characters of a pattern */
const mostCharacters = 2000;
const mostRepetitions = 2000;

/** The texts that `new RegExp(source, 'u').test` takes, as one node over whole texts. Refuses look-around, back references and the like by name. */
export function readPattern(source: string, place: string): Node {
	if (source.length > mostCharacters) refuse(place, `a pattern of more than ${mostCharacters} characters`);
	try {
		new RegExp(source, 'u');
	} catch (error) {
		refuse(place, `the pattern is no regular expression: ${(error as Error).message.slice(0, 200)}`);
	}
	const letters = [...source];
	let at = 0;
	const no = (what: string): never => refuse(place, `${what} in the pattern ${JSON.stringify(source.slice(0, 100))}`);

	function escape(inClass: boolean): CodePoints {
		const letter = letters[at++]!;
		if (classes[letter]) return classes[letter];
		if (letter === 'b' && inClass) return [[8, 8]];
		if (letter === 'x' || letter === 'u') {
			const code = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]+)\})/iu.exec(letters.slice(at - 1).join(''))!;
			at += code[0].length - 1;
			const value = parseInt(code[1] ?? code[2] ?? code[3]!, 16);
			return value >= 0xd800 && value <= 0xdfff ? no('a surrogate') : [[value, value]];
		}
		if (letter in controls) return /\d/.test(letters[at] ?? '') ? no('an octal escape') : [[controls[letter]!, controls[letter]!]];
		if (/[a-z\d]/i.test(letter)) no(`\\${letter}`);
		return codePoints(letter);
	}

	function characterSet(): CodePoints {
		const isNegated = letters[at] === '^';
		if (isNegated) at++;
		let set: CodePoints = [];
		const one = (): CodePoints => {
			const letter = letters[at++]!;
			return letter === '\\' ? escape(true) : codePoints(letter);
		};
		while (letters[at] !== ']') {
			const first = one();
			if (letters[at] === '-' && letters[at + 1] !== ']') {
				at++;
				set = union(set, [[first[0]![0], one()[0]![0]]]);
			} else set = union(set, first);
		}
		at++;
		return isNegated ? complement(set) : union(set);
	}

	function atom(): Node {
		const letter = letters[at++]!;
		if (letter === '[') return { type: 'set', set: characterSet() };
		if (letter === '.') return { type: 'set', set: complement(lineEnds) };
		if (letter === '\\') return { type: 'set', set: escape(false) };
		if (letter !== '(') return { type: 'set', set: codePoints(letter) };
		if (letters[at] === '?') {
			const kind = letters.slice(at, at + 3).join('');
			if (kind.startsWith('?:')) at += 2;
			else if (kind.startsWith('?<') && kind !== '?<=' && kind !== '?<!') at = letters.indexOf('>', at) + 1;
			else no('look-around or another extension');
		}
		const inner = either(false);
		at++;
		return inner;
	}

	function quantified(node: Node): Node {
		const [, range] = /^(\*|\+|\?|\{\d+(?:,\d*)?\})/u.exec(letters.slice(at, at + 20).join('')) ?? [];
		if (range === undefined) return node;
		at += range.length;
		if (letters[at] === '?') at++; // lazy: the same texts
		const [min, max] =
			range === '*' ? [0, Infinity]
			: range === '+' ? [1, Infinity]
			: range === '?' ? [0, 1]
			: (([from, to]) => [Number(from), to === undefined ? Number(from) : to === '' ? Infinity : Number(to)] as const)(range.slice(1, -1).split(','));
		if (min > mostRepetitions || (max !== Infinity && max > mostRepetitions)) no(`more than ${mostRepetitions} repetitions`);
		return { type: 'repeat', node, min, max };
	}

	/** `isWhole`: not inside a group, where alone `^` and `$` can stand. */
	function all(isWhole: boolean): Node {
		const nodes: Node[] = [];
		const isFromStart = isWhole && letters[at] === '^';
		if (isFromStart) at++;
		let isToEnd = false;
		while (at < letters.length && letters[at] !== '|' && letters[at] !== ')') {
			if (letters[at] === '$' && isWhole && (at + 1 === letters.length || letters[at + 1] === '|')) {
				isToEnd = true;
				at++;
			} else if (letters[at] === '^' || letters[at] === '$') no(`${letters[at]} inside`);
			else nodes.push(quantified(atom()));
		}
		return isWhole ? { type: 'all', nodes: [isFromStart ? nothing : anything, ...nodes, isToEnd ? nothing : anything] } : { type: 'all', nodes };
	}

	function either(isWhole: boolean): Node {
		const nodes = [all(isWhole)];
		while (letters[at] === '|') {
			at++;
			nodes.push(all(isWhole));
		}
		return nodes.length === 1 ? nodes[0]! : { type: 'either', nodes };
	}

	// ^(…)$ with a group that is the whole is common; its own anchors are not
	return either(true);
}
