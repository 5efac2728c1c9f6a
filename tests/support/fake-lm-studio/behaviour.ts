/** A model that the fake has. */
export type FakeModel = {
	key: string;
	type?: 'llm' | 'vlm' | 'embedding';
	/** false: the first request loads it (JIT) */
	loaded?: boolean;
	/** tokens of the loaded instance */
	contextLength?: number;
	maxContextLength?: number;
	/** goes on until its client leaves */
	endless?: true;
};

/** What can go wrong with a chat. `after`: tokens sent before it does. */
export type Fault =
	| 'none'
	/** accepts the request and never answers */
	| 'hang'
	/** stops sending, keeps the socket */
	| 'stall'
	/** destroys the socket */
	| 'cut'
	/** ends the process as a crash would */
	| 'die'
	/** 200 and a stream that ends at once: what LM Studio makes of an over-long prompt */
	| 'empty'
	| 'refuse-400'
	| 'busy-429'
	| 'fail-500'
	/** an error frame in the stream */
	| 'error-frame'
	/** a stream that is not JSON */
	| 'garbage'
	/** one endless line */
	| 'flood';

/** How the fake behaves; everything can be changed while it runs. */
export type Behaviour = {
	/** stands in the default reply, to tell twins apart */
	name: string;
	models: FakeModel[];
	/** the newest list it has: old versions know fewer */
	api: 'v1' | 'v0' | 'openai';
	/** JIT off lists loaded models only */
	jit: boolean;
	/** milliseconds */
	loadMs: number;
	tokenMs: number;
	/** before the head */
	headMs: number;
	listMs: number;
	/** the reply's tokens; undefined: "NAME says LAST USER MESSAGE" word by word */
	reply: string[] | undefined;
	/** thinks first, in the member this version uses */
	reasoning: 'reasoning_content' | 'reasoning' | undefined;
	fault: Fault;
	after: number;
	/** chats the fault hits; then none */
	times: number;
	/** lists fail as well */
	lists: 'ok' | 'hang' | 'fail' | 'garbage';
	/** errors as `{error: "…"}` or `{error: {message: "…"}}` */
	errors: 'string' | 'object';
	/** closes a socket that brings a second request, as the end of its keep-alive does in a bad moment */
	dropsReused: boolean;
	/** asks for it as a Bearer */
	apiKey: string | undefined;
	/** tells usage when asked */
	usage: boolean;
};

export const usualBehaviour: Behaviour = {
	name: 'fake',
	models: [{ key: 'qwen3-4b', loaded: true }],
	api: 'v1', jit: true, loadMs: 0, tokenMs: 1, headMs: 0, listMs: 0,
	reply: undefined, reasoning: undefined,
	fault: 'none', after: 3, times: Infinity,
	lists: 'ok', errors: 'string', dropsReused: false, apiKey: undefined, usage: true
};

/** One chat request, as it came and as it ended. */
export type SeenChat = {
	body: Record<string, unknown>;
	authorization: string | undefined;
	tokensSent: number;
	/** the client closed the socket before the answer was whole */
	aborted: boolean;
	done: boolean;
};

export type Counts = {
	/** `METHOD /path` → requests */
	requests: Record<string, number>;
	/** the last 2000 */
	chats: SeenChat[];
	abortedSockets: number;
	/** chats under way */
	active: number;
	/** model → instances loaded: more than one is what concurrent cold requests do */
	instances: Record<string, number>;
};
