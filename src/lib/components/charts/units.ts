import { formatBytesIn, formatNumber, formatPercent, largestByteUnit } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';

/** What a chart's numbers are. `time`: milliseconds. */
export type Unit = 'percent' | 'bytes' | 'time' | 'count' | 'perMinute' | 'perSecond';

const digits = (value: number, max: number, few = 1) => formatNumber(Number(value.toFixed(max < 10 ? few : 0)));

/** How the numbers of a chart are written: all in the unit that its largest one calls for. */
export function writerFor(unit: Unit, max: number): (value: number) => string {
	switch (unit) {
		case 'percent': return (value) => formatPercent(value / 100);
		case 'bytes': {
			const power = largestByteUnit(max);
			return (value) => formatBytesIn(value, power);
		}
		case 'time': return max < 1000 ? (value) => t('unit.ms', { value: digits(value, max) }) : (value) => t('unit.s', { value: digits(value / 1000, max / 1000, 2) });
		case 'perMinute': return (value) => t('unit.perMinute', { value: digits(value, max) });
		case 'perSecond': return (value) => t('unit.tokensPerSecond', { value: digits(value, max) });
		case 'count': return (value) => digits(value, max);
	}
}
