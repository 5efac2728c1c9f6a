import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { findGgufFiles, walkLimits, type WalkLimits } from './walk.ts';

const never = new AbortController().signal;
const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder, ...parts);
const put = (...parts: string[]) => {
	mkdirSync(join(at(...parts), '..'), { recursive: true });
	writeFileSync(at(...parts), '');
};
const names = async (root: string, options: { within?: string[]; limits?: Partial<WalkLimits> } = {}) => {
	const { files, truncated } = await findGgufFiles([at(root)], { ...options, limits: { ...walkLimits, ...options.limits } }, never);
	return { files: files.map((file) => relative(at(root), file)), truncated };
};

describe('findGgufFiles', () => {
	it('finds files by their ending, at any depth, whatever its case', async () => {
		put('plain', 'a.gguf');
		put('plain', 'deep', 'er', 'B.GGUF');
		put('plain', 'readme.md');
		put('plain', 'gguf');
		expect(await names('plain')).toEqual({ files: ['a.gguf', 'deep/er/B.GGUF'], truncated: false });
	});

	it('follows a link that leads in a circle once', async () => {
		put('circle', 'sub', 'a.gguf');
		symlinkSync(at('circle'), at('circle', 'sub', 'up'));
		symlinkSync('sub', at('circle', 'again'));
		expect((await names('circle')).files).toEqual(['sub/a.gguf']);
	});

	it('finds a file that is linked to many times once, by its own name if that is there', async () => {
		put('links', 'z-real.gguf');
		symlinkSync('z-real.gguf', at('links', 'a-latest.gguf'));
		put('links', 'blobs', 'sha256-1');
		mkdirSync(at('links', 'snapshots'));
		symlinkSync('../blobs/sha256-1', at('links', 'snapshots', 'model.gguf'));
		symlinkSync(at('links', 'blobs', 'sha256-1'), at('links', 'snapshots', 'copy.gguf'));
		expect((await names('links')).files).toEqual(['snapshots/copy.gguf', 'z-real.gguf']);
	});

	it('does not leave the allowed folders by a link', async () => {
		put('outside', 'secret.gguf');
		put('inside', 'own.gguf');
		symlinkSync(at('outside'), at('inside', 'door'));
		symlinkSync(at('outside', 'secret.gguf'), at('inside', 'window.gguf'));
		expect((await names('inside', { within: [at('inside')] })).files).toEqual(['own.gguf']);
		expect((await names('inside')).files).toHaveLength(2);
		expect((await names('outside', { within: [at('inside')] })).files).toEqual([]);
	});

	it('keeps its bounds and says so', async () => {
		for (const name of ['a', 'b', 'c']) put('bounds', name, `${name}.gguf`);
		expect(await names('bounds', { limits: { files: 2 } })).toEqual({ files: ['a/a.gguf', 'b/b.gguf'], truncated: true });
		expect(await names('bounds', { limits: { folders: 2 } })).toEqual({ files: ['a/a.gguf'], truncated: true });
		expect(await names('bounds', { limits: { depth: 0 } })).toEqual({ files: [], truncated: true });
	});

	it('passes over what is no file or can not be read', async () => {
		put('odd', 'a.gguf');
		mkdirSync(at('odd', 'folder.gguf'));
		symlinkSync(at('nowhere'), at('odd', 'broken.gguf'));
		// Opening a pipe would wait for its writer for ever.
		execFileSync('mkfifo', [at('odd', 'pipe.gguf')]);
		expect((await names('odd')).files).toEqual(['a.gguf']);
	});

	it('takes a file that is named itself, and nothing for a path that is not there', async () => {
		put('single', 'a.gguf');
		const { files } = await findGgufFiles([at('single', 'a.gguf'), at('single', 'none'), 'a\0b'], {}, never);
		expect(files).toEqual([at('single', 'a.gguf')]);
	});

	it('finds a file once when paths overlap', async () => {
		put('overlap', 'sub', 'a.gguf');
		expect((await findGgufFiles([at('overlap'), at('overlap', 'sub')], {}, never)).files).toEqual([at('overlap', 'sub', 'a.gguf')]);
	});

	describe('cancelled', () => {
		beforeAll(() => put('cancel', 'a.gguf'));
		it("throws the signal's reason", async () => {
			await expect(findGgufFiles([at('cancel')], {}, AbortSignal.abort())).rejects.toThrow('aborted');
		});
	});
});
