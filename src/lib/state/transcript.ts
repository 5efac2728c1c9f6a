import type { ChatEvent, ChatRequestInput, ChatUsage, FinishReason } from '#lib/contract/chat.ts';
import type { Failure } from './failure.ts';

export type Progress = Extract<ChatEvent, { type: 'progress' }>;

/** The line under an answer. */
export type Figures = Pick<ChatUsage, 'promptTokens' | 'completionTokens' | 'contextLength' | 'timeToFirstTokenMs' | 'tokensPerSecond'>;

/** A message as the page shows it, whether it streams or was stored. */
export type ViewMessage = {
	/** stable while it is on the page */
	id: string;
	/** the server's id; null until it is known to be stored */
	storedId: string | null;
	/** the stored message it follows */
	parentId: string | null;
	/** stored messages that follow the same one, oldest first, this one included */
	branches: string[];
	role: 'user' | 'assistant' | 'system' | 'tool';
	text: string;
	reasoning: string;
	model: string | null;
	/** an answer under way has no finish yet */
	finish: FinishReason | null;
	progress: Progress | null;
	figures: Figures | null;
	failure: Failure | null;
};

/** A row of `conversations.get`, as far as the page reads it. */
export type StoredMessage = {
	id: string;
	/** the message it follows; several that follow the same one are branches */
	parentId: string | null;
	role: ViewMessage['role'];
	content: string;
	reasoning: string | null;
	model: string | null;
	promptTokens: number;
	completionTokens: number;
	contextLength: number;
	timeToFirstTokenMs: number | null;
	tokensPerSecond: number | null;
	finishReason: string | null;
	error: string | null;
};

const blank = { storedId: null, parentId: null, branches: [], text: '', reasoning: '', model: null, finish: null, progress: null, figures: null, failure: null };

export const questionOf = (text: string): ViewMessage => ({ ...blank, id: crypto.randomUUID(), role: 'user', text, finish: 'stop' });
export const answerOf = (model: string | null): ViewMessage => ({ ...blank, id: crypto.randomUUID(), role: 'assistant', model });

/** The branch that ends in `headId` (null = the newest message), oldest first, of a conversation's rows, oldest first. */
export function branchOf(rows: StoredMessage[], headId: string | null): StoredMessage[] {
	const byId = new Map(rows.map((row) => [row.id, row]));
	const branch: StoredMessage[] = [];
	let row = headId === null ? rows.at(-1) : byId.get(headId);
	// An imported file may hold a circle: no branch is longer than there are rows.
	for (; row && branch.length < rows.length; row = row.parentId === null ? undefined : byId.get(row.parentId)) branch.push(row);
	return branch.reverse();
}

/** A branch as messages, of a conversation's rows. The prompt's tokens stand with the question and are shown with its answer. */
export function messagesFrom(branch: StoredMessage[], rows: StoredMessage[] = branch): ViewMessage[] {
	const children = new Map<string | null, string[]>();
	for (const { id, parentId } of rows) children.set(parentId, [...(children.get(parentId) ?? []), id]);
	return branch.map((row, index) => ({
		...blank,
		id: row.id,
		storedId: row.id,
		parentId: row.parentId,
		branches: children.get(row.parentId)!,
		role: row.role,
		text: row.content,
		reasoning: row.reasoning ?? '',
		model: row.model,
		finish: (row.finishReason as FinishReason | null) ?? 'stop',
		figures: row.role === 'assistant' && row.completionTokens > 0 ? { ...row, promptTokens: branch[index - 1]?.promptTokens ?? 0 } : null,
		failure: row.error ? { code: null, message: row.error } : null
	}));
}

/**
 * What is shown, brought to what is stored: a message that stays keeps its place on the page, and one that was followed knows more than
 * what is stored of it (the code of an error).
 */
export function reconciled(shown: ViewMessage[], stored: ViewMessage[]): ViewMessage[] {
	return stored.map((fresh, index) => {
		const old = shown[index];
		if (old?.role !== fresh.role || (old.storedId ?? fresh.storedId) !== fresh.storedId) return fresh;
		return Object.assign(old, { storedId: fresh.storedId, parentId: fresh.parentId, branches: fresh.branches });
	});
}

/** Takes an event of the answer into its message. */
export function applyEvent(message: ViewMessage, event: ChatEvent): void {
	if (event.type === 'accepted') message.model = event.model ?? message.model;
	else if (event.type === 'progress') message.progress = event;
	else if (event.type === 'text') message.text += event.text;
	else if (event.type === 'reasoning') message.reasoning += event.text;
	else if (event.type === 'usage') message.figures = event;
	else if (event.type === 'error') message.failure = { code: event.code, message: event.message, ...(event.details ? { details: event.details } : {}) };
	else if (event.type === 'finish') message.finish = event.reason;
}

/** Before an answer is read again from its start. */
export function resetAnswer(message: ViewMessage): void {
	const { storedId, parentId, branches, model } = message;
	Object.assign(message, { ...blank, storedId, parentId, branches, model });
}

export const isUnderWay = (message: ViewMessage | undefined): boolean => message?.finish === null;

/**
 * The prompt: every turn that was answered, and the last question. A question without an answer (stopped or failed before its first
 * word) is left out, because many chat templates refuse two user messages in a row.
 */
export function promptOf(messages: ViewMessage[], systemPrompt = ''): ChatRequestInput['messages'] {
	const said = messages
		.filter((message, index) => {
			if (message.role === 'assistant') return message.text !== '';
			if (message.role !== 'user' || index === messages.length - 1) return true;
			const reply = messages[index + 1];
			return reply?.role === 'assistant' && reply.text !== '';
		})
		.map((message) => ({ role: message.role, content: message.text }));
	return systemPrompt.trim() === '' ? said : [{ role: 'system', content: systemPrompt }, ...said];
}
