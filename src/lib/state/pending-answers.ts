import { recall, remember } from './storage.ts';

/** An answer that this tab follows. Kept until it ends, so that a reload goes on with it. */
export type PendingAnswer = {
	answerId: string;
	conversationId: string;
	/** the stored question that it answers anew; null: it follows the branch's end */
	below: string | null;
	/** the end of the branch that was shown when a question was answered anew: while it is the end, the answer is not stored */
	end: string | null;
	/** the model, where two answer the same question: whose answer is stored, and which is shown last, says nothing of the other */
	of?: string;
};

const key = 'answers';

const isPending = (value: unknown): value is PendingAnswer => {
	const { answerId, conversationId, below, end, of } = (value ?? {}) as Record<string, unknown>;
	return typeof answerId === 'string' && typeof conversationId === 'string' && [below, end].every((id) => id === null || typeof id === 'string') && ['string', 'undefined'].includes(typeof of);
};

/** The answers under way when this tab was last seen. */
export function pendingAnswers(): PendingAnswer[] {
	const stored = recall('sessionStorage', key);
	return Array.isArray(stored) ? stored.filter(isPending) : [];
}

/** One, or where two models are asked at once two. */
export const pendingAnswersIn = (conversationId: string): PendingAnswer[] => pendingAnswers().filter((pending) => pending.conversationId === conversationId);

/** Keeps an answer; what was kept of it before is replaced. */
export const keepPending = (pending: PendingAnswer): void =>
	remember('sessionStorage', key, [...pendingAnswers().filter(({ answerId }) => answerId !== pending.answerId), pending]);

export function forgetPending(answerId: string): void {
	const left = pendingAnswers().filter((pending) => pending.answerId !== answerId);
	remember('sessionStorage', key, left.length > 0 ? left : undefined);
}
