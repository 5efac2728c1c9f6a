import type { FinishReason } from '../../contract/chat.ts';
import { EngineCrash } from './engine-exit.ts';
import type { Instance } from './instance.ts';
import type { Ticket } from './ticket.ts';

/**
 * Carries one answer from the engine to its reader, to its end. A slow reader holds no slot: what he has not read yet is kept for him.
 * @returns how the answer ended; 'again': the engine ended before it said a word of it, and the next one may have it, once
 */
export async function runTicket(instance: Instance, ticket: Ticket, progressTimeoutMs: number): Promise<FinishReason | 'again'> {
	let begun = false;
	let reason: FinishReason = 'error';
	try {
		for await (const event of instance.generate(ticket.request, progressTimeoutMs, ticket.signal)) {
			begun ||= event.type !== 'progress';
			if (event.type === 'finish' && !event.choice) reason = event.reason;
			ticket.deliver(event);
		}
		ticket.end(reason);
		return reason;
	} catch (error) {
		if (ticket.signal.aborted) {
			ticket.endCancelled();
			return 'cancelled';
		}
		if (error instanceof EngineCrash && !begun && !ticket.retried) return 'again';
		ticket.fail(error);
		return 'error';
	}
}
