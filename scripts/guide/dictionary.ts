import { existsSync, readFileSync } from 'node:fs';
import type { Language } from './read-subjects.ts';

/** Debian's packages wamerican and wfrench. */
const files: Record<Language, string> = { en: '/usr/share/dict/american-english', fr: '/usr/share/dict/french' };

/**
 * Words of everyday, for questions about anything: what is asked about is to be told by what it is, not by being unknown.
 * @param known words that the guide knows something about, which are left out
 * @throws Error that says which package to install
 */
export function readDictionary(language: Language, known: ReadonlySet<string>): string[] {
	if (!existsSync(files[language])) throw new Error(`${files[language]} is missing: install Debian's packages wamerican and wfrench`);
	return readFileSync(files[language], 'utf8').split('\n').filter((word) => /^[\p{Ll}-]{3,14}$/u.test(word) && !known.has(word) && !known.has(word.replace(/e?s$/, '')));
}
