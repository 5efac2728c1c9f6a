import { z } from 'zod';
import { newConversationSchema } from '../../../contract/rest/conversations.ts';
import { conversationFileSchema, keptOptionsSchema, systemPromptSchema, titleSchema } from '../../../contract/conversations.ts';
import { stopAnswersIn } from '../../chat/answer.ts';
import { changeConversation, createConversation, listConversations, removeConversation, requireConversation, type Conversation } from '../../conversations/conversations.ts';
import { followConversations } from '../../conversations/follow.ts';
import { branchesAt, messagesOf, removeMessage, showBranch, type Message } from '../../conversations/messages.ts';
import { searchConversations } from '../../conversations/search.ts';
import { exportConversations, importConversations } from '../../conversations/transfer.ts';
import { router, userProcedure } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';
import { presetsRouter } from './presets.ts';

const id = z.object({ id: z.string() });
const messageOf = id.extend({ messageId: z.string() });

const shown = ({ id, title, createdAt, updatedAt, archived, model, systemPrompt, options, headMessageId }: Conversation) => ({
	id, title, createdAt, updatedAt, archived, model, systemPrompt, options, headMessageId
});
/** Written-out times: superjson takes three times as long for two thousand messages with Dates. */
const shownMessage = ({ seq: _seq, conversationId: _in, toolCallId: _call, createdAt, ...message }: Message) => ({ ...message, createdAt: createdAt.toISOString() });

/** Rows of a typed list that names no limit. Document B's list is whole. */
const usualPage = 1000;

const wishes = z.object({
	/** true: only archived ones; false: only others; absent: both */
	archived: z.boolean().optional(),
	title: z.string().max(200).optional(),
	/** the last one of the page before */
	after: z.object({ id: z.string(), updatedAt: z.date() }).optional(),
	limit: z.int().min(1).max(usualPage).optional()
});

export const conversationsRouter = router({
	/** Newest first, a page at a time. */
	list: userProcedure.input(wishes.optional()).query(({ ctx, input = {} }) => listConversations(ctx.identity.userId, ctx.transport === 'rest' ? input : { limit: usualPage, ...input })),

	/** Ids of conversations as something about them changes, in whatever tab or program. */
	changes: userProcedure.subscription(async function* ({ ctx, signal }) {
		for await (const ids of followConversations(ctx.identity.userId, joinedSignal(ctx, signal))) yield { ids };
	}),

	/** With the messages of every branch, oldest first; `headMessageId` is the end of the branch to show. */
	get: userProcedure.input(id).query(({ ctx, input }) => {
		const conversation = requireConversation(input.id, ctx.identity.userId);
		return { ...shown(conversation), messages: messagesOf(conversation.id).map(shownMessage) };
	}),

	create: userProcedure.input(newConversationSchema).mutation(({ ctx, input }) => shown(createConversation(ctx.identity.userId, input.title))),
	rename: userProcedure.input(id.extend({ title: titleSchema })).mutation(({ ctx, input }) => shown(changeConversation(input.id, ctx.identity.userId, { title: input.title }))),
	archive: userProcedure.input(id.extend({ archived: z.boolean().default(true) })).mutation(({ ctx, input }) => shown(changeConversation(input.id, ctx.identity.userId, { archived: input.archived }))),

	/** What the page proposes for the next request of this conversation. */
	update: userProcedure
		.input(id.extend({ model: z.string().max(512).nullish(), systemPrompt: systemPromptSchema.optional(), options: keptOptionsSchema.optional() }))
		.mutation(({ ctx, input: { id, ...change } }) => shown(changeConversation(id, ctx.identity.userId, change))),

	/** To offer its undoing, export it before and import that again: it comes back under the same ids. */
	remove: userProcedure.input(id).mutation(({ ctx, input }) => {
		removeConversation(input.id, ctx.identity.userId);
		stopAnswersIn(input.id);
	}),

	removeMessage: userProcedure.input(messageOf).mutation(({ ctx, input }) => removeMessage(requireConversation(input.id, ctx.identity.userId), input.messageId)),

	/** The message's siblings, itself included, oldest first. */
	branches: userProcedure.input(messageOf).query(({ ctx, input }) => branchesAt(requireConversation(input.id, ctx.identity.userId), input.messageId).map(shownMessage)),

	/** Shows the branch that the message is in, down to its newest end. */
	showBranch: userProcedure.input(messageOf).mutation(({ ctx, input }) => ({ headMessageId: showBranch(requireConversation(input.id, ctx.identity.userId), input.messageId) })),

	/** In titles and messages; every word must occur. */
	search: userProcedure.input(z.object({ text: z.string().max(500), limit: z.int().min(1).max(100).default(20) })).query(({ ctx, input }) => searchConversations(ctx.identity.userId, input.text, input.limit, ctx.signal)),

	export: userProcedure.input(z.object({ ids: z.array(z.string()).min(1).max(500) })).query(({ ctx, input }) => exportConversations(ctx.identity.userId, input.ids, ctx.signal)),
	import: userProcedure.input(conversationFileSchema).mutation(async ({ ctx, input }) => ({ ids: await importConversations(ctx.identity.userId, input, ctx.signal) })),

	presets: presetsRouter
});
