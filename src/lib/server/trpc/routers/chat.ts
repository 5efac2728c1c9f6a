import { tracked } from '@trpc/server';
import { z } from 'zod';
import { chatRequestSchema, completionRequestSchema, type ChatRequest } from '../../../contract/chat.ts';
import { followAnswer, startAnswer, stopAnswer } from '../../chat/answer.ts';
import { countTokens } from '../../chat/count-tokens.ts';
import type { Identity } from '../../auth/identity.ts';
import type { Context } from '../context.ts';
import { router, userProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const answerId = z.string().max(200);
type Starting = Pick<Context, 'requestId' | 'transport' | 'signal'> & { identity: Identity };
const start = (request: ChatRequest, { identity, requestId, transport, signal }: Starting) =>
	startAnswer(request, { identity, requestId, manner: transport === 'rest' ? 'request' : 'page' }, signal);

export const chatRouter = router({
	/** Starts an answer that the server owns; `chat.events` tells it, `chat.stop` cancels it. */
	start: userProcedure.input(chatRequestSchema).mutation(({ ctx, input }) => start(input, ctx)),

	/** The same for a raw prompt, which no chat template touches; nothing is kept. */
	complete: userProcedure.input(completionRequestSchema).mutation(({ ctx, input }) => start(input, ctx)),

	/** Tokens of a chat request's rendered prompt; `exact` is false for an upstream's model, whose tokenizer is not at hand. */
	countTokens: userProcedure.input(chatRequestSchema).mutation(({ ctx, input }) => countTokens(input, ctx.signal)),

	/** The answer's events from its start, or from after `lastEventId`. */
	events: userProcedure.input(z.object({ answerId, lastEventId: z.string().regex(/^\d{1,15}$/).nullish() })).subscription(async function* ({ ctx, input, signal }) {
		for await (const row of followAnswer(input.answerId, ctx.identity.userId, Number(input.lastEventId ?? 0), joinedSignal(ctx, signal))) yield tracked(String(row.id), row.event);
	}),

	stop: userProcedure.input(z.object({ answerId })).mutation(({ ctx, input }) => stopAnswer(input.answerId, ctx.identity.userId))
});
