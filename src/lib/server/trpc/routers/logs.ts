import { tracked } from '@trpc/server';
import { z } from 'zod';
import { entryLevels } from '../../../contract/logs.ts';
import { downloadEntries, entrySources, followEntries, listEntries } from '../../logs/read.ts';
import { router, watchProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';
import { resumable } from '../resumable.ts';

const text = (max: number) => z.string().max(max, `must be at most ${max} characters`);
const logFilter = z.object({
	level: z.enum(entryLevels, { error: `level must be one of ${entryLevels.join(', ')}` }).optional(),
	source: text(100).optional(),
	text: text(200).optional(),
	requestId: text(100).optional()
});
const page = z.object({
	/** the id of the oldest row there is already */
	before: z.number().int().positive().optional(),
	limit: z.number().int().min(1).max(1000).default(200)
});

export const logsRouter = router({
	/** The last entries and then each as it comes, or all after the one that arrived last. */
	live: watchProcedure.input(logFilter.extend(resumable.shape).default({})).subscription(async function* ({ ctx, input: { lastEventId, ...filter }, signal }) {
		for await (const row of followEntries(filter, lastEventId ?? undefined, joinedSignal(ctx, signal))) yield tracked(String(row.id), row);
	}),
	/** The newest entries of the last 10,000, oldest first, or those before an id. */
	list: watchProcedure.input(logFilter.extend(page.shape).default({ limit: 200 })).query(({ input: { before, limit, ...filter } }) => listEntries(filter, { before, limit })),
	sources: watchProcedure.query(() => entrySources()),
	/** Everything on the disk, oldest first, as lines of JSON. */
	download: watchProcedure.input(logFilter.default({})).query(({ ctx, input }) => downloadEntries(input, ctx.signal))
});
