import { language } from '#lib/i18n/language.svelte.ts';
import type { LayoutLoad } from './$types';

/** The app's pages are drawn in the browser alone. */
export const ssr = false;

export const load: LayoutLoad = async ({ data }) => {
	await language.restore();
	return data;
};
