import { z } from 'zod';
import { discoverySchema, modelDescriptionSchema, newModelNameSchema, registrationSchema, type Discovered } from '../../../contract/rest/models.ts';
import { requireInsideRoots, resolveRoots } from '../../models/allowed-paths.ts';
import { listModels } from '../../models/catalog.ts';
import { pinModel, renameModel, updateModel } from '../../models/change.ts';
import { modelDetails } from '../../models/details.ts';
import { discoverModels, findModels } from '../../models/discover.ts';
import { estimateModel, memoryNeeds } from '../../models/estimate.ts';
import { followModels } from '../../models/live.ts';
import { keptStates } from '../../models/kept-states.ts';
import { loadModel, unloadModel } from '../../models/load.ts';
import { listedModel } from '../../models/local.ts';
import { discoveryNews } from '../../models/discovery-news.ts';
import { offeredModels } from '../../models/offered.ts';
import { registerModels } from '../../models/registry.ts';
import { removeModel, restoreModel } from '../../models/remove.ts';
import { guideState, restoreGuide } from '../../guide/guide.ts';
import { parameters } from '../../parameters/catalogue.ts';
import { env } from '../../env.ts';
import type { Context } from '../context.ts';
import { readProcedure, router, writeProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const name = z.string({ error: 'name is required' }).min(1, 'name is required').max(512);
const { contextLength, parallelSlots, kvCacheType } = parameters;
const sizes = z.object({
	contextLength: z.int().min(contextLength.min!).max(contextLength.max!).optional(),
	slots: z.int().min(parallelSlots.min!).max(parallelSlots.max!).optional(),
	kvCacheType: z.enum(kvCacheType.options as ['f16', 'q8_0', 'q4_0', 'f32']).optional()
});

/** Only an administrator names paths outside of MODELS_DIR. Returns the folders that links may not lead out of. */
async function confine(ctx: Context, paths: string[]): Promise<string[] | undefined> {
	if (ctx.identity?.role === 'admin') return undefined;
	await requireInsideRoots(paths, env().modelRoots);
	return resolveRoots(env().modelRoots);
}

export const modelsRouter = router({
	list: readProcedure.query(({ ctx }) => listModels(ctx.signal)),
	details: readProcedure.input(z.object({ name })).query(({ ctx, input }) => modelDetails(input.name, ctx.identity?.role === 'admin', ctx.signal)),
	estimate: readProcedure.input(sizes.extend({ name })).query(({ ctx, input: { name: model, ...tried } }) => estimateModel(model, tried, ctx.signal)),
	/** What each registered model takes of memory when it is opened as configured. */
	needs: readProcedure.query(({ ctx }) => memoryNeeds(ctx.signal)),
	/** States as they change, and word when the list has. */
	live: readProcedure.subscription(({ ctx, signal }) => followModels(joinedSignal(ctx, signal))),

	/** What is kept of conversations beside the slots, of all models. */
	kept: readProcedure.query(() => keptStates()),

	/** Document A's discovery. */
	discover: writeProcedure.input(discoverySchema).mutation(async ({ ctx, input }): Promise<Discovered> => {
		const found = await findModels(input.paths, { within: await confine(ctx, input.paths) }, ctx.signal);
		const discovered = found.map(({ path: at, sizeBytes, facts }) => ({ name: facts.name, description: facts.description, version: facts.version, path: at, family: facts.family, size: sizeBytes }));
		return { discovered, scannedPaths: input.paths, totalFound: discovered.length };
	}),
	/** The same with progress, and a word on each file: which model has it already, or why it is none. Without paths: the models folders. */
	discoverLive: writeProcedure.input(discoverySchema.partial()).subscription(async function* ({ ctx, input, signal }) {
		const { paths = env().modelRoots } = input;
		yield* discoveryNews(discoverModels(paths, { within: await confine(ctx, paths) }, joinedSignal(ctx, signal)));
	}),
	/** Models in the models folders that are not registered. */
	offered: writeProcedure.query(({ ctx }) => offeredModels(ctx.signal)),
	register: writeProcedure.input(registrationSchema).mutation(async ({ ctx, input }) => {
		await confine(ctx, input.models.map((model) => model.path));
		const registered = await registerModels(input.models, ctx.signal);
		return { message: 'Models registered successfully', registered };
	}),

	rename: writeProcedure.input(z.object({ name, newName: newModelNameSchema })).mutation(({ input }) => listedModel(renameModel(input.name, input.newName))),
	update: writeProcedure
		.input(z.strictObject({ name, description: modelDescriptionSchema.optional(), aliases: z.array(newModelNameSchema).max(32, 'aliases must be at most 32').optional() }))
		.mutation(({ input: { name: model, ...change } }) => listedModel(updateModel(model, change))),
	pin: writeProcedure.input(z.object({ name, pinned: z.boolean() })).mutation(({ input }) => listedModel(pinModel(input.name, input.pinned))),
	remove: writeProcedure.input(z.object({ name })).mutation(({ input }) => removeModel(input.name)),
	/** Takes back a removal. */
	restore: writeProcedure.input(z.object({ name })).mutation(({ input }) => listedModel(restoreModel(input.name))),
	load: writeProcedure.input(z.object({ name })).mutation(({ ctx, input }) => loadModel(input.name, ctx.signal)),
	/** Whether the built-in guide is registered, and under which name. */
	guide: readProcedure.query(() => guideState()),
	restoreGuide: writeProcedure.mutation(async ({ ctx }) => listedModel(await restoreGuide(ctx.signal))),
	unload: writeProcedure.input(z.object({ name, force: z.boolean().optional() })).mutation(({ input }) => unloadModel(input.name, { force: input.force ?? false }))
});
