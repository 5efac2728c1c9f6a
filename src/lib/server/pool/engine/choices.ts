/** Several choices of one request, one after the other in one slot: each begins with the prompt that the first has read. */
import { randomUUID } from 'node:crypto';
import type { ChatEvent } from '../../../contract/chat.ts';
import type { GenerateRequest } from './protocol.ts';

type Usage = Extract<ChatEvent, { type: 'usage' }>;
type Finish = Extract<ChatEvent, { type: 'finish' }>;

/** The prompt counts once; speed is that of all tokens together. */
function joinUsages(usages: readonly [Usage, ...Usage[]]): Usage {
	const sum = (of: (usage: Usage) => number) => usages.reduce((total, usage) => total + of(usage), 0);
	const decodingMs = sum(({ completionTokens, tokensPerSecond }) => (tokensPerSecond === null ? 0 : ((completionTokens - 1) * 1000) / tokensPerSecond));
	const timed = sum(({ completionTokens, tokensPerSecond }) => (tokensPerSecond === null ? 0 : completionTokens - 1));
	return {
		...usages[0],
		completionTokens: sum((usage) => usage.completionTokens),
		reasoningTokens: sum((usage) => usage.reasoningTokens),
		queueMs: sum((usage) => usage.queueMs),
		durationMs: sum((usage) => usage.durationMs),
		tokensPerSecond: decodingMs > 0 ? (timed * 1000) / decodingMs : null
	};
}

/**
 * The events of all choices: those of the first without an index, each other's with its own and ending in its `finish`. Then
 * the usage of all, and at last the `finish` of the first, or 'cancelled' when there should have been more.
 */
export async function* generateChoices(request: GenerateRequest, signal: AbortSignal, generateOne: (request: GenerateRequest, signal: AbortSignal) => AsyncIterable<ChatEvent>): AsyncGenerator<ChatEvent> {
	const count = request.options.choices ?? 1;
	if (count === 1) return yield* generateOne(request, signal);
	// where the request has no key, one that nobody else has: its choices share the prompt's cells with each other alone
	const cacheKey = request.cacheKey ?? randomUUID();
	const usages: Usage[] = [];
	let last: Pick<Finish, 'reason' | 'stopString'> = { reason: 'stop' };
	for (let choice = 0; choice < count; choice++) {
		const seed = request.options.seed + choice;
		for await (const event of generateOne({ ...request, cacheKey, options: { ...request.options, seed } }, signal)) {
			if (event.type === 'usage') usages.push(event);
			else if (event.type === 'finish') {
				if (choice === 0 || event.reason === 'cancelled') last = event;
				if (choice > 0) yield { ...event, choice };
			} else if (choice === 0) yield event;
			else if (event.type === 'text' || event.type === 'reasoning' || event.type === 'toolCall') yield { ...event, choice };
		}
		if (signal.aborted) break;
	}
	yield joinUsages(usages as [Usage, ...Usage[]]);
	yield { ...last, type: 'finish' };
}
