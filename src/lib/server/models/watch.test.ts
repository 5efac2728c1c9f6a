import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { splitModel, stubGguf, tinyModel } from '../../../../tests/support/models.ts';
import { events } from '../events.ts';
import { findRegistered, registerModels } from './registry.ts';
import { watchModels } from './watch.ts';

const never = new AbortController().signal;
const folder = temporaryFolder();
const made = (name: string) => {
	mkdirSync(join(folder, name));
	return join(folder, name);
};
/** Resolves when everybody is told that models have changed. */
const change = () => new Promise<void>((resolve) => {
	const stop = events.on('models:changed', () => {
		stop();
		resolve();
	});
});
const until = async (isSo: () => boolean) => {
	while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('watchModels', () => {
	freshDatabase();
	let stop: (() => Promise<void>) | undefined;
	afterEach(() => stop?.());
	/** No look without a cause, unless asked for: what is seen was noticed. */
	const watching = (root: string, pollMs = 3_600_000) => (stop = watchModels([root], { settleMs: 20, pollMs }));

	it('marks a registered file as gone, and as there when it is back', async () => {
		const root = made('gone');
		const path = tinyModel(root);
		await registerModels([{ name: 'one', path }], never);
		watching(root);
		await new Promise((resolve) => setTimeout(resolve, 200));
		renameSync(path, join(folder, 'elsewhere'));
		await until(() => findRegistered('one')!.missing);
		renameSync(join(folder, 'elsewhere'), path);
		await until(() => !findRegistered('one')!.missing);
	});

	it('marks a split model as gone when one of its parts is', async () => {
		const root = made('parts');
		const [first, second] = splitModel(root);
		await registerModels([{ name: 'one', path: first! }], never);
		watching(root);
		await new Promise((resolve) => setTimeout(resolve, 200));
		rmSync(second!);
		await until(() => findRegistered('one')!.missing);
	});

	it('notices at the start what happened while it was off', async () => {
		const root = made('off');
		const path = tinyModel(root);
		await registerModels([{ name: 'one', path }], never);
		rmSync(path);
		const told = change();
		watching(root);
		await told;
		expect(findRegistered('one')).toMatchObject({ missing: true });
	});

	it('tells of new files, also in folders that came later', async () => {
		const root = made('new');
		watching(root);
		await new Promise((resolve) => setTimeout(resolve, 200));
		const first = change();
		writeFileSync(join(root, 'new.gguf'), stubGguf());
		await first;
		const second = change();
		mkdirSync(join(root, 'sub'));
		writeFileSync(join(root, 'sub', 'other.gguf'), stubGguf());
		await second;
		await new Promise((resolve) => setTimeout(resolve, 200));
		const third = change();
		writeFileSync(join(root, 'sub', 'another.gguf'), stubGguf());
		await third;
	});

	it('goes on when its folder was taken away and another put in its place', async () => {
		const root = made('again');
		watching(root);
		await new Promise((resolve) => setTimeout(resolve, 200));
		rmSync(root, { recursive: true });
		mkdirSync(root);
		await new Promise((resolve) => setTimeout(resolve, 300));
		const told = change();
		writeFileSync(join(root, 'new.gguf'), stubGguf());
		await told;
	});

	it('reads a file that was replaced anew, and keeps what people wrote', async () => {
		const root = made('replaced');
		const path = tinyModel(root);
		await registerModels([{ name: 'one', path, description: 'Mine' }], never);
		watching(root);
		await new Promise((resolve) => setTimeout(resolve, 200));
		tinyModel(root, { contextLength: 1024, metadata: { 'general.file_type': 7, 'general.padding': 'x'.repeat(100) } });
		await until(() => findRegistered('one')!.contextLength === 1024);
		expect(findRegistered('one')).toMatchObject({ name: 'one', description: 'Mine', quantization: 'Q8_0' });
	});

	it('notices what happens outside of its roots by looking', async () => {
		const path = tinyModel(made('outside'));
		await registerModels([{ name: 'one', path }], never);
		watching(made('roots'), 50);
		rmSync(path);
		await until(() => findRegistered('one')!.missing);
	});

	it('ends', async () => {
		const root = made('ends');
		await watching(root)();
		const told = Promise.race([change().then(() => 'told'), new Promise((resolve) => setTimeout(resolve, 300, 'silence'))]);
		writeFileSync(join(root, 'new.gguf'), stubGguf());
		expect(await told).toBe('silence');
	});
});
