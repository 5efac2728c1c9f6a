import { configChangeSchema, type Config } from '../../../contract/rest/config.ts';
import { changesOf } from '../../changes.ts';
import { readConfig, storedConfig, writeConfig } from '../../config/config.ts';
import { environmentSettings } from '../../config/environment.ts';
import { AppError } from '../../errors.ts';
import { findModel } from '../../models/catalog.ts';
import { adminProcedure, readProcedure, router, writeProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const invalid = (errors: string[]) => new AppError('VALIDATION_ERROR', 'The request was invalid', { errors });

export const configRouter = router({
	get: readProcedure.query(() => readConfig()),
	/** The configuration, now and after each change. */
	live: readProcedure.subscription(async function* ({ ctx, signal }) {
		for await (const _ of changesOf(['config:changed'], joinedSignal(ctx, signal))) yield readConfig();
	}),
	/** What the environment decides: shown, but out of reach here. */
	environment: adminProcedure.query(() => environmentSettings()),
	/** What of `models` was set here; the rest holds its default. */
	stored: adminProcedure.query(() => storedConfig()),
	update: writeProcedure.input(configChangeSchema).mutation(async ({ ctx, input }) => {
		const now = readConfig();
		const readOnly = Object.entries(input.app ?? {}).filter(([name, value]) => value !== undefined && value !== now.app[name as keyof Config['app']]);
		if (readOnly.length) throw invalid(readOnly.map(([name]) => `app.${name} can only be read`));
		const { defaultModel, ...rest } = input.models ?? {};
		// A rule over two domains, hence here: the default model must exist. Kept by its own name, whatever alias was given.
		const model = defaultModel ? await findModel(defaultModel, ctx.signal) : undefined;
		if (defaultModel != null && !model) throw invalid([`models.defaultModel: there is no model "${defaultModel}"`]);
		return { ...writeConfig({ ...rest, defaultModel: model ? (model.local ?? model.offer).name : defaultModel }), message: 'Configuration updated successfully' };
	})
});
