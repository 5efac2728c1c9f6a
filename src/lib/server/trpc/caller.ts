import type { Context } from './context.ts';
import { createCallerFactory } from './init.ts';
import { appRouter } from './router.ts';

const factory = createCallerFactory(appRouter);

/** The procedures, called in process. The signal ends subscriptions. */
export const createCaller = (context: Context) => factory(context, { signal: context.signal });
export type Caller = ReturnType<typeof createCaller>;
