import type { z } from 'zod';

export const tags = {
	'Sign-in': 'Tokens for programs, cookies for browsers.',
	Chat: 'One chat request, streamed or whole.',
	Conversations: 'What was said, kept for its owner.',
	Models: 'The local models and those of the upstreams, in one list.',
	Configuration: 'What can be changed while the server runs.',
	Monitoring: 'The machine and the load, now and in the past.',
	Parameters: 'How models load and answer.',
	'OpenAI dialect': 'What the clients of OpenAI ask, under `/v1`. Point their base URL here.',
	'Anthropic dialect': 'What the clients of Anthropic ask. Their base URL is this server’s, without `/v1`.',
	Health: 'Probes and metrics.'
} as const;
export type Tag = keyof typeof tags;

/** Examples of one body, by what they show. */
export type Examples = Record<string, unknown>;

export type Content = { type?: string; schema: z.ZodType; examples?: Examples };

export type Parameter = { name: string; in: 'path' | 'query' | 'header'; description: string; schema: z.ZodType; example?: unknown };

/** One method of one path, as it is documented. */
export type Operation = {
	method: 'get' | 'post' | 'put';
	/** with its parameters in braces */
	path: string;
	tag: Tag;
	summary: string;
	/** Markdown */
	description?: string;
	/**
	 * `anyone`: in any mode; `user`: signed in; `read`: signed in, or anyone where the API is open;
	 * `write`: an administrator, or anyone where the API is open
	 */
	who: 'anyone' | 'user' | 'read' | 'write';
	parameters?: Parameter[];
	body?: Content;
	/** what it answers when all is well, by status; several contents where it has several shapes */
	answers: Record<number, { description: string; content?: Content[]; headers?: Record<string, string> }>;
	/** further statuses it can answer, beside those that everything can */
	errors?: number[];
	/** whose envelope its errors have */
	dialect?: 'problem' | 'openai' | 'anthropic';
	/** its twin over a WebSocket on the same path */
	webSocket?: { description: string; sends?: z.ZodType[]; receives: z.ZodType[] };
};
