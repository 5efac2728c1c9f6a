import { frames, framed } from './frames.ts';
import { withSlips } from './noise.ts';
import { createRandom, pick, say } from './phrase.ts';
import { languages, readSubjects, type Language } from './read-subjects.ts';

/** `phrasing`: written by hand and never trained on. `frame`: a known phrase in a frame never trained on. `slips`: a phrasing with slips of the finger. `roundabout`: said without the words that are asked with. */
export type Kind = 'phrasing' | 'frame' | 'slips' | 'roundabout' | 'other';
export type HeldOut = { kind: Kind; language: Language; subject: string; question: string; answer: string };

/** The examination: what is asked, and the one right answer. */
export function heldOutQuestions(): HeldOut[] {
	const { subjects, macros } = readSubjects();
	const random = createRandom(7);
	const all: HeldOut[] = [];
	for (const subject of subjects)
		for (const language of languages) {
			const { answer, heldOut, roundabout, verbs, nouns } = subject[language];
			const add = (kind: Kind, question: string) => all.push({ kind, language, subject: subject.name, question, answer });
			for (const question of heldOut) {
				add(subject.name === 'other' ? 'other' : 'phrasing', question);
				if (subject.name !== 'other') add('slips', withSlips(question, random));
			}
			if (subject.name === 'other') continue;
			for (const question of roundabout.slice(-1)) add('roundabout', question);
			const { heldOutVerb, heldOutNoun } = frames[language];
			if (verbs.length) add('frame', framed(say(pick(random, heldOutVerb), macros, random), say(pick(random, verbs), macros, random), language));
			if (nouns.length) add('frame', framed(say(pick(random, heldOutNoun), macros, random), say(pick(random, nouns), macros, random), language));
		}
	return all;
}
