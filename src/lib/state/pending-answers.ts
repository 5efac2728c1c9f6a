import { recall, remember } from './storage.ts';

/** An answer that this tab follows. Kept until it ends, so that a reload goes on with it. */
export type PendingAnswer = {
	answerId: string;
	conversationId: string;
	/** the stored question that it answers anew; null: it follows the branch's end */
	below: string | null;
	/** the end of the branch that was shown when a question was answered anew: while it is the end, the answer is not stored */
	end: string | null;
};

const key = 'answers';

const isPending = (value: unknown): value is PendingAnswer => {
	const { answerId, conversationId, below, end } = (value ?? {}) as Record<string, unknown>;
	return typeof answerId === 'string' && typeof conversationId === 'string' && [below, end].every((id) => id === null || typeof id === 'string');
};

/** The answers under way when this tab was last seen. */
export function pendingAnswers(): PendingAnswer[] {
	const stored = recall('sessionStorage', key);
	return Array.isArray(stored) ? stored.filter(isPending) : [];
}

export const pendingAnswerIn = (conversationId: string): PendingAnswer | undefined => pendingAnswers().find((pending) => pending.conversationId === conversationId);

export const keepPending = (pending: PendingAnswer): void => remember('sessionStorage', key, [...pendingAnswers(), pending]);

export function forgetPending(answerId: string): void {
	const left = pendingAnswers().filter((pending) => pending.answerId !== answerId);
	remember('sessionStorage', key, left.length > 0 ? left : undefined);
}
