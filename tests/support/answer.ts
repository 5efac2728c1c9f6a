/** What a chat engine's events come to, for assertions. */
import type { ChatEvent, ChatUsage, FinishReason } from '#lib/contract/chat.ts';
import type { EngineEvent } from '#lib/server/pool/engine/protocol.ts';

export type Answer = { text: string; reasoning: string; usage: ChatUsage | undefined; finish: FinishReason | undefined; events: ChatEvent[] };

/** Reads events to their end. `onEvent` sees each as it comes. */
export async function readAnswer(events: AsyncIterable<EngineEvent>, onEvent: (event: ChatEvent) => void = () => {}): Promise<Answer> {
	const answer: Answer = { text: '', reasoning: '', usage: undefined, finish: undefined, events: [] };
	for await (const event of events) {
		if (event.type === 'vector' || event.type === 'score') continue;
		onEvent(event);
		answer.events.push(event);
		if (event.type === 'text') answer.text += event.text;
		else if (event.type === 'reasoning') answer.reasoning += event.text;
		else if (event.type === 'usage') answer.usage = event;
		else if (event.type === 'finish') answer.finish = event.reason;
	}
	return answer;
}

/** The tool calls of an answer, their arguments whole. */
export function callsOf(events: readonly ChatEvent[]) {
	const calls: { id: string; name: string; arguments: string }[] = [];
	for (const event of events) if (event.type === 'toolCall') (calls[event.index] ??= { id: event.id, name: event.name!, arguments: '' }).arguments += event.argumentsDelta;
	return calls;
}
