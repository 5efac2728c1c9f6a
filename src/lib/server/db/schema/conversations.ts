import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChatMessage } from '../../../contract/chat.ts';
import { users } from './identity.ts';
import { flag, json, timestamp } from './columns.ts';

export const conversations = sqliteTable(
	'conversations',
	{
		id: text('id').primaryKey(),
		userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
		title: text('title').notNull(),
		archived: flag('archived').notNull().default(false),
		/** the leaf whose branch is shown; null = the newest */
		headMessageId: text('head_message_id'),
		model: text('model'),
		systemPrompt: text('system_prompt').notNull().default(''),
		/** generation options kept with the conversation */
		options: json<Record<string, unknown>>('options').notNull().default({}),
		createdAt: timestamp('created_at').notNull(),
		updatedAt: timestamp('updated_at').notNull()
	},
	(table) => [index('conversations_user_updated').on(table.userId, table.updatedAt)]
);

export const messages = sqliteTable(
	'messages',
	{
		/** order of writing; the full-text index refers to it, so it must survive VACUUM */
		seq: integer('seq').primaryKey({ autoIncrement: true }),
		id: text('id').notNull().unique(),
		conversationId: text('conversation_id').notNull().references(() => conversations.id, { onDelete: 'cascade' }),
		/** the message this one follows; siblings with the same parent are branches */
		parentId: text('parent_id'),
		role: text('role', { enum: ['system', 'user', 'assistant', 'tool'] }).notNull(),
		content: text('content').notNull(),
		reasoning: text('reasoning'),
		toolCalls: json<ChatMessage['toolCalls']>('tool_calls'),
		toolCallId: text('tool_call_id'),
		model: text('model'),
		promptTokens: integer('prompt_tokens').notNull().default(0),
		completionTokens: integer('completion_tokens').notNull().default(0),
		cachedTokens: integer('cached_tokens').notNull().default(0),
		/** tokens the engine's context could hold, for "context 12 %" */
		contextLength: integer('context_length').notNull().default(0),
		latencyMs: integer('latency_ms').notNull().default(0),
		timeToFirstTokenMs: integer('time_to_first_token_ms'),
		tokensPerSecond: real('tokens_per_second'),
		finishReason: text('finish_reason'),
		/** what went wrong, when the answer broke off */
		error: text('error'),
		createdAt: timestamp('created_at').notNull()
	},
	(table) => [index('messages_conversation').on(table.conversationId, table.seq)]
);

/** Saved system prompts and generation options. */
export const presets = sqliteTable(
	'presets',
	{
		id: text('id').primaryKey(),
		userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
		name: text('name').notNull(),
		systemPrompt: text('system_prompt').notNull().default(''),
		options: json<Record<string, unknown>>('options').notNull().default({}),
		createdAt: timestamp('created_at').notNull()
	},
	(table) => [index('presets_user').on(table.userId)]
);
