import type { Activity } from '../../contract/monitoring.ts';
import { events } from '../events.ts';
import { Ring } from '../ring.ts';
import { singleton } from '../singleton.ts';

/** Answers that are remembered. */
const kept = 200;

type Row = Activity & { userId: string };

const ring = singleton('activity', () => new Ring<Row>(kept, Date.now()));
const holder = singleton('activity watch', () => ({ stop: undefined as (() => void) | undefined }));

/** Remembers each answer that ends, for the dashboard. What was said is in none of it. */
export function openActivity(): void {
	holder.stop = events.on('answer:done', ({ userId, username, model, requestId, promptTokens, completionTokens, timeToFirstTokenMs, durationMs, tokensPerSecond, finish }) => {
		ring.push({ at: Date.now(), userId, username, model, requestId, promptTokens, completionTokens, firstTokenMs: timeToFirstTokenMs, durationMs, tokensPerSecond, finish });
		events.emit('monitoring:answered', {});
	});
}

export function closeActivity(): void {
	holder.stop?.();
	holder.stop = undefined;
}

/** Answers after that id, then each as it ends. @param userId whose; undefined = everybody's */
export async function* followActivity(userId: string | undefined, afterId: number, signal: AbortSignal): AsyncGenerator<{ id: number; row: Activity }, void, void> {
	for await (const { id, row: { userId: owner, ...row } } of ring.follow('monitoring:answered', afterId, signal)) if (userId === undefined || owner === userId) yield { id, row };
}
