import { pick, type Random } from './phrase.ts';

// What people do to a sentence when they type: no capitals, no full stop, slips of the finger, no accents, courtesies.

const neighbours: Record<string, string> = {
	a: 'qsz', b: 'vgn', c: 'xvd', d: 'sfe', e: 'wrd', f: 'dgr', g: 'fht', h: 'gjy', i: 'uok', j: 'hku', k: 'jli', l: 'kop', m: 'nj', n: 'bmh', o: 'ipl',
	p: 'ol', q: 'wa', r: 'etf', s: 'adw', t: 'ryg', u: 'yij', v: 'cbf', w: 'qes', x: 'zcs', y: 'tuh', z: 'xa'
};

function slip(word: string, random: Random): string {
	const at = 1 + Math.floor(random() * (word.length - 1));
	const letter = word[at]!;
	switch (Math.floor(random() * 5)) {
		case 0: return word.slice(0, at) + word.slice(at + 1);
		case 1: return word.slice(0, at) + letter + word.slice(at);
		case 2: return at + 1 < word.length ? word.slice(0, at) + word[at + 1]! + letter + word.slice(at + 2) : word.slice(0, at - 1) + letter + word[at - 1]!;
		case 3: return word.slice(0, at) + pick(random, [...(neighbours[letter.toLowerCase()] ?? letter)]) + word.slice(at + 1);
		default: return word.slice(0, at) + pick(random, [...'abcdefghijklmnopqrstuvwxyz']) + word.slice(at);
	}
}

/** One or two slips of the finger, in words of letters alone: a path or a code is copied, not typed. */
export function withSlips(text: string, random: Random): string {
	const words = text.split(' ');
	const able = words.flatMap((word, at) => (/^[\p{L}'’]{4,}[?.,!]?$/u.test(word) && !/^[A-Z_]{3,}/.test(word) ? [at] : []));
	for (let slips = random() < 0.3 ? 2 : 1; slips > 0 && able.length > 0; slips--) {
		const at = pick(random, able);
		words[at] = slip(words[at]!, random);
	}
	return words.join(' ');
}

const withoutAccents = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '');

const courtesies = {
	en: { before: ['hi, ', 'hello, ', 'hey ', 'please, ', 'ok, ', 'so, ', 'um, ', 'quick question: ', 'sorry, ', 'hi! ', 'good morning, ', 'ok so ', 'well, ', 'dear guide, ', 'question: '], after: [' please', ' thanks', ', please', ' thank you', ' exactly', ' here', ' in this program', ' in llama runner', ' in this app', ' with llama runner', ' on this server', ', thanks', ' again', ' quickly', ' step by step', ' now'] },
	fr: { before: ['bonjour, ', 'salut, ', 'bonjour ', 'dis, ', 'dis-moi, ', 'alors, ', 'ok, ', 'euh, ', 'petite question : ', 'pardon, ', 'salut ! ', 's’il te plaît, ', 'bon, ', 'question : ', 'excusez-moi, '], after: [' s’il te plaît', ' s’il vous plaît', ' svp', ' stp', ' merci', ', merci', ' exactement', ' ici', ' dans ce programme', ' dans llama runner', ' dans cette application', ' avec llama runner', ' sur ce serveur', ' maintenant', ' au juste', ' déjà'] }
};

/** A sentence as somebody might have typed it. `level` 0–1: how carelessly. */
export function typed(sentence: string, language: 'en' | 'fr', random: Random, level = 1): string {
	const chance = (p: number) => random() < p * level;
	let text = sentence.replace(/\s*[?.!]+$/u, '') || sentence;
	const asks = /\?\s*$/u.test(sentence) || random() < 0.7;
	const { before, after } = courtesies[language];
	if (chance(0.1)) text += pick(random, after);
	if (chance(0.1)) text = pick(random, before) + text;
	if (chance(0.07)) {
		const words = text.split(' ');
		if (words.length > 4) words.splice(Math.floor(random() * words.length), 1);
		text = words.join(' ');
	}
	if (chance(0.25)) text = withSlips(text, random);
	if (language === 'fr' && chance(0.3)) text = withoutAccents(text);
	if (random() < 0.5) text = text.replaceAll('’', "'");
	const letters = random();
	if (letters < 0.4) text = text.slice(0, 1).toUpperCase() + text.slice(1);
	else if (letters < 0.42) text = text.toUpperCase();
	else if (letters < 0.75) text = text.toLowerCase();
	const end = random();
	const space = language === 'fr' && random() < 0.5 ? ' ' : '';
	if (asks ? end < 0.55 : end < 0.05) text += `${space}?`;
	else if (end > 0.97) text += pick(random, ['??', '!', '...', ' ?', '?!', '.', ' ???']);
	else if (!asks && end > 0.6) text += '.';
	return text;
}
