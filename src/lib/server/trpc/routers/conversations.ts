import { z } from 'zod';
import { createConversation, listConversations, messagesOf, removeConversation, renameConversation, requireConversation, type Conversation, type Message } from '../../conversations/conversations.ts';
import { router, userProcedure } from '../init.ts';

const id = z.object({ id: z.string().max(200) });
const title = z.string({ error: 'Title is required' }).trim().min(1, 'Title must be 1 to 200 characters').max(200, 'Title must be 1 to 200 characters');

const shown = ({ id, title, createdAt, updatedAt }: Conversation) => ({ id, title, createdAt, updatedAt });
const shownMessage = ({ id, role, content, promptTokens, completionTokens, latencyMs, createdAt, ...more }: Message) => ({
	id, role, content, promptTokens, completionTokens, latencyMs, createdAt,
	parentId: more.parentId, model: more.model, reasoning: more.reasoning, toolCalls: more.toolCalls, cachedTokens: more.cachedTokens,
	contextLength: more.contextLength, timeToFirstTokenMs: more.timeToFirstTokenMs, tokensPerSecond: more.tokensPerSecond, finishReason: more.finishReason, error: more.error
});

export const conversationsRouter = router({
	list: userProcedure.query(({ ctx }) => listConversations(ctx.identity.userId).map(shown)),
	get: userProcedure.input(id).query(({ ctx, input }) => {
		const conversation = requireConversation(input.id, ctx.identity.userId);
		return { ...shown(conversation), messages: messagesOf(conversation.id).map(shownMessage) };
	}),
	create: userProcedure.input(z.object({ title })).mutation(({ ctx, input }) => shown(createConversation(ctx.identity.userId, input.title))),
	rename: userProcedure.input(id.extend({ title })).mutation(({ ctx, input }) => shown(renameConversation(input.id, ctx.identity.userId, input.title))),
	remove: userProcedure.input(id).mutation(({ ctx, input }) => removeConversation(input.id, ctx.identity.userId))
});
