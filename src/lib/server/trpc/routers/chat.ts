import { tracked } from '@trpc/server';
import { z } from 'zod';
import { chatRequestSchema } from '../../../contract/chat.ts';
import { followAnswer, startAnswer, stopAnswer } from '../../chat/answer.ts';
import { router, userProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const answerId = z.string().max(200);

export const chatRouter = router({
	/** Starts an answer that the server owns; `chat.events` tells it, `chat.stop` cancels it. */
	start: userProcedure
		.input(chatRequestSchema)
		.mutation(({ ctx, input }) => startAnswer(input, { identity: ctx.identity, requestId: ctx.requestId, manner: ctx.transport === 'rest' ? 'request' : 'page' }, ctx.signal)),

	/** The answer's events from its start, or from after `lastEventId`. */
	events: userProcedure.input(z.object({ answerId, lastEventId: z.string().regex(/^\d{1,15}$/).nullish() })).subscription(async function* ({ ctx, input, signal }) {
		for await (const row of followAnswer(input.answerId, ctx.identity.userId, Number(input.lastEventId ?? 0), joinedSignal(ctx, signal))) yield tracked(String(row.id), row.event);
	}),

	stop: userProcedure.input(z.object({ answerId })).mutation(({ ctx, input }) => stopAnswer(input.answerId, ctx.identity.userId))
});
