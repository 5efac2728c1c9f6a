import { describe, expect, it } from 'vitest';
import { safePath } from './safe-path.ts';

describe('where to go after signing in', () => {
	it.each(['/chat', '/chat/1?view=a&b=c#end', '/models?register'])('goes on to %s', (path) => {
		expect(safePath(path)).toBe(path);
	});

	it.each([null, '', 'chat', 'https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', '\\/evil.example', '/.//evil.example', 'javascript:alert(1)', ' //evil.example'])(
		'does not follow %j elsewhere',
		(wanted) => {
			expect(safePath(wanted)).toBe('/');
		}
	);
});
