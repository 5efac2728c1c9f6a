import { initTRPC, TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import superjson from 'superjson';
import { errorTable } from '../../contract/errors.ts';
import type { Identity } from '../auth/identity.ts';
import { signInFirst } from '../auth/admit.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { auditCall } from './audited.ts';
import type { Context } from './context.ts';

/** `audit`: the mutation goes into the audit trail. Administration and what document A leaves open always do. */
type Meta = { audit?: boolean };

const t = initTRPC.context<Context>().meta<Meta>().create({
	transformer: superjson,
	isDev: false, // tRPC sends stack traces otherwise
	/** The typed client reads our code and sentences from `error.data`. An AppError out of a generator has met no middleware that classed it. */
	errorFormatter({ shape, error, ctx }) {
		const app = appErrorOf(error);
		const { stack: _stack, ...data } = shape.data;
		const internal = !app && shape.data.code === 'INTERNAL_SERVER_ERROR';
		return {
			...shape,
			...(app ? { code: TRPC_ERROR_CODES_BY_KEY[errorTable[app.code].trpc] } : {}),
			message: app?.message ?? (internal ? `Internal error. The log has it under request ${ctx?.requestId ?? 'unknown'}.` : shape.message),
			data: {
				...data,
				...(app ? { code: errorTable[app.code].trpc, httpStatus: app.status } : {}),
				appCode: app?.code ?? (internal ? 'INTERNAL_ERROR' : undefined),
				errors: app?.errors ?? [],
				details: app?.details,
				retryAfterSeconds: app?.retryAfterSeconds,
				requestId: ctx?.requestId
			}
		};
	}
});

/** Around every call: audits it, and turns an AppError into tRPC's class, as whose cause it stays. One step, since each costs every call a copy of all it is given. */
const around = t.middleware(async ({ ctx, meta, type, path, getRawInput, next }) => {
	const result = await next();
	if (meta?.audit && type === 'mutation') auditCall(ctx, path, await getRawInput(), result.ok ? undefined : result.error);
	const app = result.ok ? undefined : appErrorOf(result.error);
	if (app) throw new TRPCError({ code: errorTable[app.code].trpc, message: app.message, cause: app });
	return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Anyone, whatever the credentials: login, logout, csrf, health. */
export const publicProcedure = t.procedure.use(around);

/** A signed-in user. `ctx.identity` is set. */
export const userProcedure = publicProcedure.use(({ ctx, next }) => {
	if (!ctx.identity) throw ctx.refusal ?? signInFirst();
	return next({ ctx: { identity: ctx.identity satisfies Identity } });
});

/** An administrator. */
export const adminProcedure = userProcedure.meta({ audit: true }).use(({ ctx, next }) => {
	if (ctx.identity.role !== 'admin') throw new AppError('FORBIDDEN', 'Only an administrator may do this');
	return next();
});

/** Reading what document A leaves open: anyone in open mode, else a user. */
export const readProcedure = publicProcedure.use(({ ctx, next }) => {
	if (!ctx.identity && !ctx.open) throw ctx.refusal ?? signInFirst();
	return next();
});

/** Reading what tells of everybody, which document A leaves open: anyone in open mode, else an administrator. */
export const watchProcedure = readProcedure.use(({ ctx, next }) => {
	if (!ctx.open && ctx.identity?.role !== 'admin') throw new AppError('FORBIDDEN', 'Only an administrator may do this');
	return next();
});

/** Writing what document A leaves open: the same callers. */
export const writeProcedure = watchProcedure.meta({ audit: true });
