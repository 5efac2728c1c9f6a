import { tracked } from '@trpc/server';
import { z } from 'zod';
import { hoursSchema } from '../../../contract/rest/monitoring.ts';
import { followActivity } from '../../monitoring/activity.ts';
import { readHistory, readSeries } from '../../monitoring/history.ts';
import { currentFigures, followSamples } from '../../monitoring/sampler.ts';
import { readProcedure, router, userProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';
import { resumable } from '../resumable.ts';

const stretch = z.object({ hours: hoursSchema });
/** `until`: milliseconds since the epoch; absent: now */
const part = stretch.extend({ until: z.number().positive().optional() });

export const monitoringRouter = router({
	current: readProcedure.query(() => currentFigures()),
	history: readProcedure.input(stretch.default({ hours: 24 })).query(({ input }) => ({ history: readHistory(input.hours, Date.now()) })),
	/** Every series there is, for charts. */
	series: readProcedure.input(part.default({ hours: 24 })).query(({ input: { hours, until } }) => readSeries(hours, until ?? Date.now())),
	/** A sample every two seconds, beginning with those of the last five minutes. */
	live: readProcedure.input(resumable.optional()).subscription(async function* ({ ctx, input, signal }) {
		for await (const { id, row } of followSamples(input?.lastEventId ?? 0, joinedSignal(ctx, signal))) yield tracked(String(id), row);
	}),
	/** Answers as they end, beginning with the last ones; everybody's for an administrator, else the caller's own. */
	activity: userProcedure.input(resumable.optional()).subscription(async function* ({ ctx, input, signal }) {
		const whose = ctx.identity.role === 'admin' ? undefined : ctx.identity.userId;
		for await (const { id, row } of followActivity(whose, input?.lastEventId ?? 0, joinedSignal(ctx, signal))) yield tracked(String(id), row);
	})
});
