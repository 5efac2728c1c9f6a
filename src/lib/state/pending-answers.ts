import { recall, remember } from './storage.ts';

/** An answer that this tab follows. Kept until it ends, so that a reload goes on with it. */
export type PendingAnswer = {
	answerId: string;
	conversationId: string;
	/** the stored answer in whose place it comes */
	replaces: string | null;
};

const key = 'answers';

const isPending = (value: unknown): value is PendingAnswer => {
	const { answerId, conversationId, replaces } = (value ?? {}) as Record<string, unknown>;
	return typeof answerId === 'string' && typeof conversationId === 'string' && (replaces === null || typeof replaces === 'string');
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
