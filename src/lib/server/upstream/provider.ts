import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';

/** What an upstream tells of one of its models; null where it does not tell. */
export type UpstreamModel = {
	/** the name the upstream knows it by */
	id: string;
	/** whether it answers chats; an embedding model does not */
	chats: boolean;
	/** null when the upstream does not tell; false: the first request loads it */
	loaded: boolean | null;
	/** tokens: of the loaded instance, else the most the model can hold */
	contextLength: number | null;
	family: string;
	quantization: string;
	description: string;
	sizeBytes: number | null;
	/** epoch seconds */
	created: number | null;
};

/** A text, or tokens. */
export type EmbeddingInput = string | number[];
/** Vectors as base64 of little-endian float32, in the inputs' order. `tokens` is 0 when the upstream does not count. */
export type Embedded = { vectors: string[]; tokens: number };

/** Milliseconds an upstream is waited for. */
export type UpstreamLimits = {
	/** from sending the request to the first event: it may have to load the model and read the prompt */
	firstEventMs: number;
	/** between two events once it has begun */
	stallMs: number;
};

/** One server that answers chats for us. Failures are {@link UpstreamFailure}s. */
export type Provider = {
	/** Asks for the models without loading any; this is also the health probe. */
	listModels(signal: AbortSignal): Promise<UpstreamModel[]>;
	/**
	 * Text, reasoning and tool calls, then usage, then finish. Aborting closes the socket at once; the iterable then
	 * throws. Whatever it throws before its first event has left no trace at the client.
	 */
	stream(model: UpstreamModel, request: ChatRequest, limits: UpstreamLimits, signal: AbortSignal): AsyncIterable<ChatEvent>;
	/** A vector for each input, as the upstream has them. */
	embed(model: UpstreamModel, inputs: EmbeddingInput[], limits: Pick<UpstreamLimits, 'firstEventMs'>, signal: AbortSignal): Promise<Embedded>;
};

/** Where an upstream is and how it is spoken to. */
export type UpstreamAddress = {
	/** how people know it; stands in messages */
	name: string;
	/** without a trailing slash and without `/v1` */
	baseUrl: string;
	apiKey: string | undefined;
};
