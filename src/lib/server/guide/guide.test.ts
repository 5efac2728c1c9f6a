import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { tinyModel } from '../../../../tests/support/models.ts';
import { database, models } from '../db/index.ts';
import { builtInModelPath } from '../models/built-in.ts';
import { renameModel } from '../models/change.ts';
import { localModels } from '../models/local.ts';
import { registeredModels, registerModels } from '../models/registry.ts';
import { removeModel } from '../models/remove.ts';
import { closePool, openPool } from '../models/running.ts';
import { storedValues } from '../parameters/values.ts';
import { guideState, openGuide, registeredGuide, restoreGuide } from './guide.ts';

const never = new AbortController().signal;
const names = () => registeredModels().map(({ name }) => name);

describe('the built-in guide', () => {
	freshDatabase();
	beforeEach(() => openPool());
	afterEach(closePool);

	it('is registered on the first start, marked as what it is, and answers without chance', async () => {
		await openGuide();
		expect(localModels()).toMatchObject([{ name: 'guide', local: { builtIn: true, purpose: 'generate', hasChatTemplate: true } }]);
		expect(localModels()[0]!.sizeBytes).toBeLessThan(8e6);
		expect(storedValues(registeredGuide()!.id)).toEqual({ temperature: 0, repeatPenalty: 1, presencePenalty: 0, frequencyPenalty: 0 });
		expect(guideState()).toEqual({ name: 'guide', restorable: false });
	});

	it('stays away once it was removed, and comes back when asked', async () => {
		await openGuide();
		await removeModel('guide');
		await openGuide();
		expect(names()).toEqual([]);
		expect(guideState()).toEqual({ name: null, restorable: true });
		expect(await restoreGuide(never)).toMatchObject({ name: 'guide' });
		expect(await restoreGuide(never)).toMatchObject({ name: 'guide' });
		expect(names()).toEqual(['guide']);
	});

	it('keeps the name that people give it', async () => {
		await openGuide();
		renameModel('guide', 'helper');
		await openGuide();
		expect(names()).toEqual(['helper']);
		expect(guideState()).toEqual({ name: 'helper', restorable: false });
	});

	it('leaves a model alone that has its name already', async () => {
		const path = tinyModel(temporaryFolder());
		await registerModels([{ name: 'guide', path }], never);
		await openGuide();
		expect(registeredModels()).toMatchObject([{ name: 'guide', path }]);
		await expect(restoreGuide(never)).rejects.toMatchObject({ code: 'CONFLICT' });
	});

	it('follows the program to another folder', async () => {
		await openGuide();
		database().update(models).set({ path: '/where/it/was/guide.gguf', missing: true }).where(eq(models.name, 'guide')).run();
		await openGuide();
		expect(registeredModels()).toMatchObject([{ path: builtInModelPath(), missing: false }]);
	});
});
