import { expect, it } from 'vitest';
import { formatSpan } from './format.ts';

it.each([
	[0, '0s'],
	[36, '36s'],
	[65, '1m 5s'],
	[3600, '1h 0m'],
	[90_061, '1d 1h'],
	[40 * 86_400, '40d 0h']
])('%d s are %s', (seconds, text) => expect(formatSpan(seconds)).toBe(text));
