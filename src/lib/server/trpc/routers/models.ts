import { z } from 'zod';
import { listModels } from '../../models/catalog.ts';
import { loadModel, unloadModel } from '../../models/load.ts';
import { registerModels } from '../../models/registry.ts';
import { readProcedure, router, writeProcedure } from '../init.ts';

const name = z.string().min(1).max(512);
const registration = z.object({
	models: z
		.array(z.object({ name: z.string({ error: 'name is required' }).trim().min(1, 'name is required').max(200), description: z.string().max(2000).optional(), path: z.string({ error: 'path is required' }).min(1, 'path is required').max(4096) }), {
			error: 'models must be an array of {name, path, description?}'
		})
		.min(1, 'models must not be empty')
		.max(1000)
});

export const modelsRouter = router({
	list: readProcedure.query(({ ctx }) => listModels(ctx.signal)),
	register: writeProcedure.input(registration).mutation(async ({ ctx, input }) => {
		const registered = await registerModels(input.models, ctx.signal);
		return { message: 'Models registered successfully', registered };
	}),
	load: writeProcedure.input(z.object({ name })).mutation(({ ctx, input }) => loadModel(input.name, ctx.signal)),
	unload: writeProcedure.input(z.object({ name })).mutation(({ input }) => unloadModel(input.name))
});
