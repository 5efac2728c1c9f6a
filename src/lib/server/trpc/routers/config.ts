import { configChangeSchema, readConfig, writeConfig } from '../../config/config.ts';
import { AppError } from '../../errors.ts';
import { findModel } from '../../models/catalog.ts';
import { readProcedure, router, writeProcedure } from '../init.ts';

export const configRouter = router({
	get: readProcedure.query(() => readConfig()),
	update: writeProcedure.input(configChangeSchema).mutation(async ({ ctx, input }) => {
		const now = readConfig();
		for (const [name, value] of Object.entries(input.app ?? {}))
			if (value !== undefined && value !== now.app[name as keyof typeof now.app])
				throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`app.${name} can only be read`] });
		const { defaultModel } = input.models ?? {};
		// A rule over two domains, hence here: the default model must exist.
		if (defaultModel && !(await findModel(defaultModel, ctx.signal)))
			throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`models.defaultModel: there is no model "${defaultModel}"`] });
		return { ...writeConfig(input.models ?? {}), message: 'Configuration updated successfully' };
	})
});
