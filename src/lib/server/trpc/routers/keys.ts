import { z } from 'zod';
import { createKey, listKeys, revokeKey } from '../../auth/keys.ts';
import { router, userProcedure } from '../init.ts';

const name = z.string({ error: 'Name is required' }).trim().min(1, 'Name is required').max(100, 'Name must be at most 100 characters');

/** One's own API keys. */
export const keysRouter = router({
	list: userProcedure.query(({ ctx }) => listKeys(ctx.identity.userId)),
	/** Answers with the key, this once. */
	create: userProcedure.meta({ audit: true }).input(z.object({ name })).mutation(({ ctx, input }) => createKey(ctx.identity.userId, input.name)),
	revoke: userProcedure
		.meta({ audit: true })
		.input(z.object({ id: z.string().max(200) }))
		.mutation(({ ctx, input }) => revokeKey(ctx.identity.userId, input.id))
});
