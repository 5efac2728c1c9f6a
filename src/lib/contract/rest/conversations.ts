import { z } from 'zod';
import { titleSchema } from '../conversations.ts';
import { dateTimeSchema } from './date-time.ts';

/** `POST /api/conversations`. */
export const newConversationSchema = z.object({ title: titleSchema }, { error: 'The request body must be a JSON object' });

/** A conversation as document B writes it. */
export const conversationSchema = z.object({ id: z.string(), title: z.string(), createdAt: dateTimeSchema, updatedAt: dateTimeSchema });

export const conversationListSchema = z.array(conversationSchema);

/** With its messages, oldest first. */
export const conversationDetailSchema = conversationSchema.extend({
	messages: z.array(
		z.object({
			id: z.string(),
			role: z.enum(['system', 'user', 'assistant', 'tool']),
			content: z.string(),
			promptTokens: z.int().describe("Of the prompt; on a user's message."),
			completionTokens: z.int().describe('Of the answer; on an answer.'),
			latencyMs: z.int().describe("Milliseconds from the request to the answer's end; on an answer."),
			createdAt: dateTimeSchema
		})
	)
});

export type ConversationRow = z.infer<typeof conversationSchema>;
export type ConversationDetail = z.infer<typeof conversationDetailSchema>;
