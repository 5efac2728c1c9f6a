import { z } from 'zod';
import { newPasswordSchema, roleSchema, usernameSchema } from '../../../contract/identity.ts';
import { createUser, listUsers, removeUser, shownUser, updateUser } from '../../auth/users.ts';
import { adminProcedure, router } from '../init.ts';

const id = z.object({ id: z.string().max(200) });

export const usersRouter = router({
	list: adminProcedure.query(() => listUsers()),
	create: adminProcedure
		.input(z.object({ username: usernameSchema, password: newPasswordSchema, role: roleSchema.default('user') }))
		.mutation(async ({ input }) => shownUser(await createUser(input))),
	/** A new password, role or ban ends the user's sessions at once. */
	update: adminProcedure
		.input(id.extend({ role: roleSchema.optional(), disabled: z.boolean().optional(), password: newPasswordSchema.optional() }))
		.mutation(async ({ input: { id, ...change } }) => shownUser(await updateUser(id, change))),
	/** Removes the user with all conversations, keys and sessions. */
	remove: adminProcedure.input(id).mutation(({ input }) => removeUser(input.id))
});
