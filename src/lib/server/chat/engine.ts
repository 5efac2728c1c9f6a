import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';

/** Who asks, as far as an engine needs to know: for fairness between users and for the privacy of cached prompts. */
export type Asker = {
	userId: string;
	requestId: string;
	priority: 'interactive' | 'batch';
	/** where the exchange is kept; null: nowhere */
	conversationId?: string | null;
};

/**
 * What answers a chat: the pool's local model or an upstream's. Chat cannot tell them apart.
 * Throws AppError before the first event when it refuses; ends with `usage` and `finish`.
 */
export type ChatEngine = {
	/** the model's name as the list has it */
	model: string;
	stream(request: ChatRequest, asker: Asker, signal: AbortSignal): AsyncIterable<ChatEvent>;
};
