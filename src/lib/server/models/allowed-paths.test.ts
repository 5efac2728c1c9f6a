import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { requireInsideRoots } from './allowed-paths.ts';

const folder = temporaryFolder();
const root = join(folder, 'models');
mkdirSync(join(root, 'sub'), { recursive: true });
mkdirSync(join(folder, 'models-of-others'));
symlinkSync(join(folder, 'models-of-others'), join(root, 'door'));
symlinkSync(root, join(folder, 'entrance'));

const isAllowed = (...parts: string[]) => requireInsideRoots([join(folder, ...parts)], [root]).then(() => true, (error: { code: string }) => error.code);

describe('requireInsideRoots', () => {
	it.each([
		['the root itself', ['models']],
		['what lies in it', ['models', 'sub', 'a.gguf']],
		['what does not exist in it', ['models', 'none', 'a.gguf']],
		['a link that leads into it', ['entrance', 'sub']]
	])('lets %s pass', async (_what, parts) => expect(await isAllowed(...parts)).toBe(true));

	it.each([
		['a folder whose name begins the same', ['models-of-others']],
		['a link in it that leads out', ['models', 'door', 'a.gguf']],
		['dots that lead out', ['models', '..', 'models-of-others']],
		['what does not exist elsewhere', ['none']]
	])('refuses %s', async (_what, parts) => expect(await isAllowed(...parts)).toBe('PATH_NOT_ALLOWED'));

	it('refuses the filesystem root and relative paths that lie elsewhere', async () => {
		await expect(requireInsideRoots(['/'], [root])).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
		await expect(requireInsideRoots(['.'], [root])).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
	});

	it('names what it refuses as it was given, and only that', async () => {
		await expect(requireInsideRoots([join(root, 'sub'), '/etc/passwd'], [root])).rejects.toMatchObject({ errors: ['/etc/passwd lies outside of the models folder'] });
	});

	it('takes roots that are links, or are not there yet', async () => {
		await expect(requireInsideRoots([join(root, 'sub')], [join(folder, 'entrance')])).resolves.toBeUndefined();
		await expect(requireInsideRoots([join(folder, 'later', 'a.gguf')], [join(folder, 'later')])).resolves.toBeUndefined();
	});
});
