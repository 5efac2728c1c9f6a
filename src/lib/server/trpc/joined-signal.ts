import type { Context } from './context.ts';

/** Fires when the caller leaves or ends this one subscription. */
export const joinedSignal = (ctx: Pick<Context, 'signal'>, signal: AbortSignal | undefined): AbortSignal => (signal && signal !== ctx.signal ? AbortSignal.any([ctx.signal, signal]) : ctx.signal);
