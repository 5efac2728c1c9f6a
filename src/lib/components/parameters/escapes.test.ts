import { describe, expect, it } from 'vitest';
import { escapeText, unescapeText } from './escapes.ts';

describe('escapes', () => {
	it.each(['plain', 'a\nb', 'tab\there', 'back\\slash', '\\n', '\r\n\\\\', ''])('come back as they went: %j', (text) => expect(unescapeText(escapeText(text))).toBe(text));
	it('leave alone what is no escape', () => expect(unescapeText('C:\\dir \\x')).toBe('C:\\dir \\x'));
	it('fit on one line', () => expect(escapeText('a\r\n\tb')).toBe('a\\r\\n\\tb'));
});
