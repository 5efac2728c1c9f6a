import { browser } from '$app/environment';
import { en } from './en.ts';
import type { Catalogue } from './index.ts';

/** A language is one file and one line here. The English catalogue is the one that is always there. */
export const languages = {
	en: { name: 'English', load: async (): Promise<Catalogue> => en },
	fr: { name: 'Français', load: async (): Promise<Catalogue> => (await import('./fr.ts')).fr }
};
export type Language = keyof typeof languages;

const isLanguage = (value: unknown): value is Language => typeof value === 'string' && value in languages;

let current = $state<Language>('en');
let catalogue = $state.raw<Catalogue>(en);

export const language = {
	get current(): Language { return current; },
	get catalogue(): Catalogue { return catalogue; },
	/** Loads a catalogue, shows it, and remembers the choice in this browser. */
	async use(next: Language): Promise<void> {
		await show(next);
		localStorage.setItem('language', next);
	},
	/** Shows the language that app.html chose before the first paint. In the browser only: on the server the state would be everyone's. */
	async restore(): Promise<void> {
		if (browser && isLanguage(document.documentElement.lang)) await show(document.documentElement.lang);
	}
};

async function show(next: Language): Promise<void> {
	catalogue = await languages[next].load();
	current = next;
	document.documentElement.lang = next;
}
