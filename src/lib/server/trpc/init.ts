import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { errorTable } from '../../contract/errors.ts';
import type { Identity } from '../auth/identity.ts';
import { AppError, appErrorOf } from '../errors.ts';
import type { Context } from './context.ts';

const t = initTRPC.context<Context>().create({
	transformer: superjson,
	isDev: false, // tRPC sends stack traces otherwise
	/** The typed client reads our code and sentences from `error.data`. */
	errorFormatter({ shape, error, ctx }) {
		const app = appErrorOf(error);
		const internal = !app && shape.data.code === 'INTERNAL_SERVER_ERROR';
		return {
			...shape,
			message: app?.message ?? (internal ? `Internal error. The log has it under request ${ctx?.requestId ?? 'unknown'}.` : shape.message),
			data: {
				...shape.data,
				stack: undefined,
				appCode: app?.code ?? (internal ? 'INTERNAL_ERROR' : undefined),
				errors: app?.errors ?? [],
				details: app?.details,
				retryAfterSeconds: app?.retryAfterSeconds,
				requestId: ctx?.requestId
			}
		};
	}
});

/** One place turns an AppError into tRPC's class; the AppError stays as its cause. */
const mapErrors = t.middleware(async ({ next }) => {
	const result = await next();
	if (result.ok) return result;
	const app = appErrorOf(result.error);
	if (app) throw new TRPCError({ code: errorTable[app.code].trpc, message: app.message, cause: app });
	return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Anyone: login, csrf, health. */
export const publicProcedure = t.procedure.use(mapErrors);

const unauthorized = () => new AppError('UNAUTHORIZED', 'Sign in, or send an API key or token as "Authorization: Bearer …"');

/** A signed-in user. `ctx.identity` is set. */
export const userProcedure = publicProcedure.use(({ ctx, next }) => {
	if (!ctx.identity) throw unauthorized();
	return next({ ctx: { ...ctx, identity: ctx.identity satisfies Identity } });
});

/** An administrator. */
export const adminProcedure = userProcedure.use(({ ctx, next }) => {
	if (ctx.identity.role !== 'admin') throw new AppError('FORBIDDEN', 'Only an administrator may do this');
	return next({ ctx });
});

/** Reading what document A leaves open: anyone in open mode, else a user. */
export const readProcedure = publicProcedure.use(({ ctx, next }) => {
	if (!ctx.identity && !ctx.open) throw unauthorized();
	return next({ ctx });
});

/** Writing what document A leaves open: anyone in open mode, else an administrator. */
export const writeProcedure = readProcedure.use(({ ctx, next }) => {
	if (!ctx.open && ctx.identity?.role !== 'admin') throw new AppError('FORBIDDEN', 'Only an administrator may do this');
	return next({ ctx });
});
