import type { en } from './en.ts';
import { language } from './language.svelte.ts';
import { fill } from './fill.ts';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;

/** The names in braces of a text, so that a forgotten value is a type error. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
/** Keys whose text takes no values: what a table may hold. */
export type PlainKey = { [K in Key]: [Names<(typeof en)[K]>] extends [never] ? K : never }[Key];
type Values<K extends Key> = [Names<(typeof en)[K]>] extends [never] ? [] : [values: Record<Names<(typeof en)[K]>, string | number>];

/** The text of `key` in the current language, its `{names}` filled in. Reactive: what shows it follows the language. */
export function t<K extends Key>(key: K, ...[values]: Values<K>): string {
	return fill(language.catalogue[key], language.current, values);
}
