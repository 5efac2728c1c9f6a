import { z } from 'zod';

const words = { error: 'must be 1 to 200 characters' };
export const titleSchema = z.string({ error: 'Title is required' }).trim().min(1, 'Title must be 1 to 200 characters').max(200, 'Title must be 1 to 200 characters');

/** What is kept with a conversation or a preset for the next request; the request itself says what is really used. */
export const keptOptionsSchema = z.record(z.string().max(64), z.unknown()).refine((options) => JSON.stringify(options).length <= 16_384, 'must be at most 16 KiB of JSON');
export const systemPromptSchema = z.string().max(100_000, 'must be at most 100,000 characters');

const count = z.int().min(0).max(2 ** 31);
const id = z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

/** A message of an exported conversation. */
const exportedMessageSchema = z.object({
	id,
	parentId: id.nullable().default(null),
	role: z.enum(['system', 'user', 'assistant', 'tool']),
	content: z.string(),
	reasoning: z.string().nullable().default(null),
	toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).nullable().default(null),
	toolCallId: z.string().nullable().default(null),
	model: z.string().nullable().default(null),
	promptTokens: count.default(0),
	completionTokens: count.default(0),
	cachedTokens: count.default(0),
	contextLength: count.default(0),
	latencyMs: count.default(0),
	timeToFirstTokenMs: count.nullable().default(null),
	tokensPerSecond: z.number().nullable().default(null),
	finishReason: z.string().max(40).nullable().default(null),
	error: z.string().nullable().default(null),
	createdAt: z.coerce.date()
});

const exportedConversationSchema = z.object({
	id,
	title: z.string(words).trim().min(1, words).max(200, words),
	archived: z.boolean().default(false),
	model: z.string().max(512).nullable().default(null),
	systemPrompt: systemPromptSchema.default(''),
	options: keptOptionsSchema.default({}),
	headMessageId: id.nullable().default(null),
	createdAt: z.coerce.date(),
	updatedAt: z.coerce.date(),
	messages: z.array(exportedMessageSchema).max(20_000)
});

/** Conversations as a file: what `conversations.export` gives and `conversations.import` takes. */
export const conversationFileSchema = z.object({
	format: z.literal('llama-runner-conversations', { error: 'must be "llama-runner-conversations"' }),
	version: z.literal(1, { error: 'must be 1: the file was written by another version' }),
	conversations: z.array(exportedConversationSchema).min(1, 'must not be empty').max(500, 'must be at most 500; send several files')
});

export type ConversationFile = z.output<typeof conversationFileSchema>;
export type ExportedConversation = ConversationFile['conversations'][number];
export type ExportedMessage = ExportedConversation['messages'][number];
