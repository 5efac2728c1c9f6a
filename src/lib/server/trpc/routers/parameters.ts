import { z } from 'zod';
import { changesOf } from '../../changes.ts';
import { AppError } from '../../errors.ts';
import { requireRegistered } from '../../models/registry.ts';
import { categories } from '../../parameters/catalogue.ts';
import { listParameters, requireCategory, requireParameter, resetParameters, setParameter } from '../../parameters/parameters.ts';
import { readProcedure, router, writeProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const name = z.string({ error: 'name is required' }).max(200);
/** a registered model, whose own value is meant; without it the value for all */
const model = z.string().max(512).optional();
const category = z.string().max(200).optional();

const unknown = { error: (issue: { code?: string; keys?: string[] }) => (issue.code === 'unrecognized_keys' ? `${issue.keys!.join(', ')}: unknown; send {"value": …}` : 'The body must be {"value": …}') };

const modelIdOf = (wanted: string | undefined) => (wanted === undefined ? '' : requireRegistered(wanted).id);
const rowOf = (wanted: string, modelId: string) => listParameters(modelId).find((row) => row.name === wanted)!;

export const parametersRouter = router({
	categories: readProcedure.query(() => ({ categories })),
	list: readProcedure
		.input(z.object({ category, model }).optional())
		.query(({ input = {} }) => listParameters(modelIdOf(input.model), input.category === undefined ? undefined : requireCategory(input.category))),
	/** Word that values have changed: for all, or of one model. */
	live: readProcedure.subscription(async function* ({ ctx, signal }) {
		for await (const _ of changesOf(['parameters:changed'], joinedSignal(ctx, signal))) yield { changedAt: new Date() };
	}),
	get: readProcedure.input(z.object({ name, category, model })).query(({ input }) => rowOf(requireParameter(input.name, input.category), modelIdOf(input.model))),
	set: writeProcedure.input(z.strictObject({ name, category, model, value: z.unknown().optional() }, unknown)).mutation(({ input }) => {
		const wanted = requireParameter(input.name, input.category);
		if (input.value === undefined) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: ['value is required'] });
		const modelId = modelIdOf(input.model);
		setParameter(wanted, input.value, modelId);
		return rowOf(wanted, modelId);
	}),
	/** Takes back what was set; without names everything, for all or for one model. */
	reset: writeProcedure.input(z.strictObject({ names: z.array(name).max(200).optional(), model })).mutation(({ input }) => ({
		reset: resetParameters(input.names?.map((one) => requireParameter(one)), modelIdOf(input.model))
	}))
});
