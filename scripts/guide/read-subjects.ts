import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueSubjects } from './catalogue.ts';
import { parsePhrase, type Macros, type Phrase } from './phrase.ts';

// What the guide knows: subjects/*.txt, written by hand, and what follows from the program's own tables (catalogue.ts).
//
//   == model.remove            a subject
//   about model remove         for follow-ups: the thing it is about, and what is done to it ("and how do I remove it?")
//   ea, fa   the answer, English and French
//   ev, fv   a verb's phrase, which goes into frames ("how do I …")       en, fn   a noun's phrase ("what is …")
//   eq, fq   whole questions
//   eh, fh   held out, never trained on: questions as people ask them     ex, fx   held out: the same thing in a roundabout way
//   @name …  a macro

export type Language = 'en' | 'fr';
export const languages: readonly Language[] = ['en', 'fr'];

export type Wording = { answer: string; verbs: Phrase[]; nouns: Phrase[]; questions: Phrase[]; heldOut: string[]; roundabout: string[] };
export type Subject = { name: string; object?: string; action?: string; en: Wording; fr: Wording };

const emptyWording = (): Wording => ({ answer: '', verbs: [], nouns: [], questions: [], heldOut: [], roundabout: [] });
const languageOf: Record<string, Language> = { e: 'en', f: 'fr' };

/** @throws Error that names file and line */
function parse(file: string, text: string, subjects: Map<string, Subject>, macros: Map<string, Phrase>): void {
	let subject: Subject | undefined;
	for (const [index, line] of text.split('\n').entries()) {
		if (line.trim() === '' || line.startsWith('#')) continue;
		const fail = (why: string) => new Error(`${file}:${index + 1}: ${why}: ${line}`);
		const [head = '', ...words] = line.trim().split(' ');
		const rest = words.join(' ');
		if (head === '==') {
			subject = subjects.get(rest) ?? { name: rest, en: emptyWording(), fr: emptyWording() };
			subjects.set(rest, subject);
		} else if (head.startsWith('@')) macros.set(head.slice(1), parsePhrase(rest));
		else if (!subject) throw fail('no subject');
		else if (head === 'about') [subject.object, subject.action] = words;
		else {
			const language = languageOf[head[0]!];
			if (!language) throw fail('unknown line');
			const wording = subject[language];
			const into: Record<string, Phrase[]> = { v: wording.verbs, n: wording.nouns, q: wording.questions };
			if (head[1] === 'a') wording.answer = rest;
			else if (head[1] === 'h') wording.heldOut.push(rest);
			else if (head[1] === 'x') wording.roundabout.push(rest);
			else if (into[head[1]!]) into[head[1]!]!.push(parsePhrase(rest));
			else throw fail('unknown line');
		}
	}
}

/** Everything the guide knows. */
export function readSubjects(): { subjects: Subject[]; macros: Macros } {
	const subjects = new Map<string, Subject>();
	const macros = new Map<string, Phrase>();
	const folder = join(import.meta.dirname, 'subjects');
	for (const file of readdirSync(folder).sort()) if (file.endsWith('.txt')) parse(file, readFileSync(join(folder, file), 'utf8'), subjects, macros);
	parse('catalogue.ts', catalogueSubjects(), subjects, macros);
	for (const subject of subjects.values())
		for (const language of languages) if (!subject[language].answer) throw new Error(`${subject.name} has no answer in ${language}`);
	return { subjects: [...subjects.values()], macros };
}
