import { z } from 'zod';
import { loginSchema, newPasswordSchema } from '../../../contract/identity.ts';
import type { LoginAnswer } from '../../../contract/rest/auth.ts';
import { recordAudit } from '../../audit/audit.ts';
import { withDefaultPassword } from '../../auth/administrator.ts';
import { tokenCookie } from '../../auth/authenticate.ts';
import { csrfCookie, issueCsrfToken } from '../../auth/csrf.ts';
import { exposure } from '../../auth/exposure.ts';
import { endSession, endSessions, listSessions } from '../../auth/sessions.ts';
import { openFor, signIn } from '../../auth/sign-in.ts';
import { assertWithin, spendLogin } from '../../ratelimit/windows.ts';
import { changePassword, requireUser, shownUser, usernameKeyOf } from '../../auth/users.ts';
import { actorOf } from '../audited.ts';
import { publicProcedure, router, userProcedure } from '../init.ts';

export const authRouter = router({
	/** Document B's login. The token is also in the body: without it B's own Bearer examples could not work. */
	login: publicProcedure.input(loginSchema).mutation(async ({ ctx, input }): Promise<LoginAnswer> => {
		// Here and not in a transport: a batch or a socket must not offer more attempts.
		ctx.windows.push(...(await spendLogin(ctx.ip, usernameKeyOf(input.username))));
		assertWithin(ctx.windows);
		const record = (outcome: 'ok' | 'refused', userId: string | null) => recordAudit({ ...actorOf(ctx), userId, username: input.username }, 'auth.login', { outcome });
		const { token, user } = await signIn(input, ctx).catch((thrown: unknown) => {
			record('refused', null);
			throw thrown;
		});
		record('ok', user.id);
		ctx.cookies.set(tokenCookie, token);
		return { success: true, token, message: 'Login successful', user: { id: user.id, username: user.username, role: user.role } };
	}),

	/** Ends the session behind the call, if there is one; nobody is signed in afterwards in either case. */
	logout: publicProcedure.mutation(({ ctx }) => {
		if (ctx.identity?.sessionId) {
			endSessions(ctx.identity.userId, [ctx.identity.sessionId]);
			recordAudit(actorOf(ctx), 'auth.logout', { outcome: 'ok' });
		}
		ctx.cookies.clear(tokenCookie);
	}),

	/** For the sign-in page of a fresh server, and to programs on this machine alone: who can sign in with the documented password. */
	welcome: publicProcedure.query(({ ctx }) => ({ defaultUsername: ctx.open ? (withDefaultPassword()?.username ?? null) : null })),

	me: userProcedure.query(({ ctx }) => shownUser(requireUser(ctx.identity.userId))),

	csrf: publicProcedure.query(({ ctx }) => {
		const { csrfToken, seed } = issueCsrfToken(ctx.cookies.get(csrfCookie));
		ctx.cookies.set(csrfCookie, seed);
		return { csrfToken };
	}),

	/** Ends all of one's sessions and starts a new one, whose token comes back and replaces the cookie. API keys live on. */
	changePassword: userProcedure
		.meta({ audit: true })
		.input(z.object({ currentPassword: z.string().max(1024), newPassword: newPasswordSchema }))
		.mutation(async ({ ctx, input }) => {
			const user = await changePassword(ctx.identity.userId, input.currentPassword, input.newPassword);
			const { token } = await openFor(user, ctx);
			ctx.cookies.set(tokenCookie, token);
			return { token };
		}),

	sessions: userProcedure.query(({ ctx }) => listSessions(ctx.identity.userId, ctx.identity.sessionId)),
	revokeSession: userProcedure
		.meta({ audit: true })
		.input(z.object({ id: z.string().max(200) }))
		.mutation(({ ctx, input }) => endSession(ctx.identity.userId, input.id)),

	/** Who the server is open to and what is unsafe about it. */
	access: userProcedure.query(() => exposure())
});
