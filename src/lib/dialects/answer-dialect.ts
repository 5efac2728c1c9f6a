import type { ChatEvent } from '../contract/chat.ts';
import type { ErrorFacts } from '../contract/errors.ts';

/** What every dialect makes its answer's own ids and times of. `created` is in epoch seconds. */
export type AnswerHead = { answerId: string; created: number; model: string };

/** One event of a stream: its JSON, and its name where the dialect gives names. */
export type AnswerFrame = { event?: string; data: object | '[DONE]' };

/** Tells one answer as it comes. */
export type AnswerEncoder = {
	encode(event: ChatEvent): AnswerFrame[];
	/** what tells of a failure once the head has been sent; the last then */
	fail(error: ErrorFacts): AnswerFrame[];
	/** what follows an answer that ended well */
	end(): AnswerFrame[];
};

/** How one API tells an answer: as it comes, and whole. Pure. */
export type AnswerDialect = {
	encoder(head: AnswerHead): AnswerEncoder;
	/** of all events, among which is no error */
	whole(head: AnswerHead, events: ChatEvent[]): object;
};
