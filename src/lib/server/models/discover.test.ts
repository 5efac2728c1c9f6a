import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { adapterFile, projectorFile, splitModel, stubGguf, tinyModel } from '../../../../tests/support/models.ts';
import { discoverModels, findModels, type DiscoveryEvent } from './discover.ts';

const never = new AbortController().signal;
const folder = temporaryFolder();
const made = (name: string) => {
	const path = join(folder, name);
	mkdirSync(path, { recursive: true });
	return path;
};
const read = async (path: string) => {
	const events: DiscoveryEvent[] = [];
	for await (const event of discoverModels([path], {}, never)) events.push(event);
	return events;
};

describe('discoverModels', () => {
	it('finds models, and says of every other file why it is none', async () => {
		const path = made('mixed');
		tinyModel(path, { fileName: 'llama-3-8b.gguf' });
		projectorFile(path);
		writeFileSync(join(path, 'vision.gguf'), stubGguf({ 'general.architecture': 'clip' }));
		adapterFile(path);
		writeFileSync(join(path, 'text.gguf'), 'not a model');
		writeFileSync(join(path, 'empty.gguf'), '');
		writeFileSync(join(path, 'cut.gguf'), stubGguf().subarray(0, 100));
		const [, two] = splitModel(path, 'split');
		const events = await read(path);
		expect(events.filter((event) => event.type === 'found').map((event) => event.facts.name)).toEqual(['llama-3-8b', 'split']);
		const skipped = Object.fromEntries(events.flatMap((event) => (event.type === 'skipped' ? [[basename(event.path), event.reason]] : [])));
		expect(Object.keys(skipped).sort()).toEqual(['cut.gguf', 'empty.gguf', 'mmproj-tiny-f16.gguf', basename(two!), 'text.gguf', 'tiny-lora.gguf', 'vision.gguf'].sort());
		expect(skipped['text.gguf']).toMatch(/not a GGUF file/);
		expect(skipped['cut.gguf']).toMatch(/cut off/);
		expect(events.at(-1)).toMatchObject({ type: 'done', files: 9, truncated: false });
	});

	it('counts the bytes of all parts, and leaves out a model of which one is missing', async () => {
		const path = made('parts');
		const parts = splitModel(path, 'big');
		const [whole] = await findModels([path], {}, never);
		const [one] = await findModels([parts[0]!], {}, never);
		expect(whole!.sizeBytes).toBe(one!.sizeBytes);
		rmSync(parts[1]!);
		const events = await read(path);
		expect(events.filter((event) => event.type === 'skipped')).toEqual([{ type: 'skipped', path: parts[0], reason: 'a part of the split model is missing' }]);
	});

	it('reads a file anew when it has changed', async () => {
		const path = made('changing');
		const file = join(path, 'model.gguf');
		writeFileSync(file, stubGguf({ 'general.name': 'First' }));
		expect((await findModels([path], {}, never))[0]!.facts.description).toBe('First');
		writeFileSync(file, stubGguf({ 'general.name': 'Second one' }));
		expect((await findModels([path], {}, never))[0]!.facts.description).toBe('Second one');
	});

	it('stops in the middle when its signal fires', async () => {
		const path = made('many');
		for (let i = 0; i < 200; i++) writeFileSync(join(path, `${i}.gguf`), stubGguf());
		const controller = new AbortController();
		let filesRead = 0;
		const run = (async () => {
			for await (const event of discoverModels([path], {}, controller.signal))
				if (event.type === 'progress' && (filesRead = event.filesRead) > 0) controller.abort();
		})();
		await expect(run).rejects.toThrow('aborted');
		expect(filesRead).toBeLessThan(200);
	});
});
