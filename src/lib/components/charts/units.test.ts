import { describe, expect, it } from 'vitest';
import { writerFor, type Unit } from './units.ts';

describe('the numbers of a chart', () => {
	it.each<[Unit, number, number, string]>([
		['percent', 100, 45.23, '45%'],
		['percent', 100, 1.25, '1.3%'],
		['bytes', 16e9, 412e6, '0.4 GB'],
		['bytes', 900e6, 412e6, '412 MB'],
		['time', 9.5, 2.25, '2.3 ms'],
		['time', 900, 182.4, '182 ms'],
		['time', 2200, 182.4, '0.18 s'],
		['time', 40_000, 12_400, '12 s'],
		['perMinute', 50, 41, '41/min'],
		['perSecond', 5, 1.26, '1.3 tok/s'],
		['count', 3, 2, '2']
	])('%s up to %d: %d is %s', (unit, max, value, text) => expect(writerFor(unit, max)(value)).toBe(text));
});
