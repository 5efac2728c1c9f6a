import type { ParameterRow } from '#lib/contract/parameters.ts';
import { en } from '#lib/i18n/en.ts';
import { t, type PlainKey } from '#lib/i18n/index.ts';

/** What a parameter does, in the current language; the server's own words for one that the catalogue does not know yet. */
export function aboutParameter({ name, description }: Pick<ParameterRow, 'name' | 'description'>): string {
	const key = `parameter.${name}`;
	return key in en ? t(key as PlainKey) : description;
}
