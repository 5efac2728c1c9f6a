import type { ChatEvent } from '../../contract/chat.ts';
import { events } from '../events.ts';

export type AnswerPhase = 'queued' | 'loading' | 'prompt' | 'decoding';

/** How an answer goes, from its events: where it is, and the times between its tokens, which it announces. */
export function paceOf(model: string) {
	const startedAt = performance.now();
	let lastAt: number | undefined;
	let phase: AnswerPhase = 'prompt';
	return {
		note(event: ChatEvent): void {
			if (event.type === 'progress') phase = event.phase;
			if (event.type !== 'text' && event.type !== 'reasoning' && event.type !== 'toolCall') return;
			const now = performance.now();
			phase = 'decoding';
			events.emit('answer:token', { model, sinceStartMs: now - startedAt, sinceLastMs: lastAt === undefined ? null : now - lastAt });
			lastAt = now;
		},
		get phase() {
			return phase;
		},
		get durationMs() {
			return Math.round(performance.now() - startedAt);
		}
	};
}
