import { language } from '#lib/i18n/language.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ data }) => {
	await language.restore();
	return data;
};
