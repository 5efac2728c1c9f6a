import { language } from '#lib/i18n/language.svelte.ts';

/** The app's pages are drawn in the browser alone. */
export const ssr = false;

export const load = () => language.restore();
