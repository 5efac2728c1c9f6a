import { formatNumber } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';
import { escapeText } from './escapes.ts';

/** A parameter's value in words. */
export function valueText(value: unknown): string {
	if (value === null) return t('parameters.automatic').toLowerCase();
	if (typeof value === 'number') return formatNumber(value);
	if (typeof value === 'boolean') return t(value ? 'parameters.on' : 'parameters.off');
	if (Array.isArray(value)) return value.length ? value.map((text) => escapeText(String(text))).join(', ') : t('parameters.none');
	return String(value);
}
