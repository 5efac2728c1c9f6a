import { z } from 'zod';
import { keptOptionsSchema, systemPromptSchema } from '../../../contract/conversations.ts';
import { createPreset, listPresets, removePreset, updatePreset, type Preset } from '../../conversations/presets.ts';
import { router, userProcedure } from '../init.ts';

const id = z.object({ id: z.string() });
const name = z.string().trim().min(1, 'Name must be 1 to 100 characters').max(100, 'Name must be 1 to 100 characters');
const shown = ({ id, name, systemPrompt, options, createdAt }: Preset) => ({ id, name, systemPrompt, options, createdAt });

/** A user's saved system prompts and options. */
export const presetsRouter = router({
	list: userProcedure.query(({ ctx }) => listPresets(ctx.identity.userId).map(shown)),
	create: userProcedure
		.input(z.object({ name, systemPrompt: systemPromptSchema.default(''), options: keptOptionsSchema.default({}) }))
		.mutation(({ ctx, input }) => shown(createPreset(ctx.identity.userId, input))),
	update: userProcedure
		.input(id.extend({ name: name.optional(), systemPrompt: systemPromptSchema.optional(), options: keptOptionsSchema.optional() }))
		.mutation(({ ctx, input: { id, ...change } }) => shown(updatePreset(id, ctx.identity.userId, change))),
	remove: userProcedure.input(id).mutation(({ ctx, input }) => removePreset(input.id, ctx.identity.userId))
});
