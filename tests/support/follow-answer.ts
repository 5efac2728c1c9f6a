import type { TRPCClient } from '@trpc/client';
import type { ChatEvent } from '../../src/lib/contract/chat.ts';
import type { AppRouter } from '../../src/lib/server/trpc/router.ts';

export type AnswerRow = { id: string; event: ChatEvent };

/** Follows an answer from after `lastEventId` until its end, or until `enough` says so. */
export function followAnswer(client: TRPCClient<AppRouter>, answerId: string, { lastEventId, enough = () => false }: { lastEventId?: string; enough?: (event: ChatEvent) => boolean } = {}): Promise<AnswerRow[]> {
	const rows: AnswerRow[] = [];
	return new Promise((resolve, reject) => {
		const subscription = client.chat.events.subscribe(
			{ answerId, ...(lastEventId === undefined ? {} : { lastEventId }) },
			{
				onData(row) {
					rows.push({ id: row.id, event: row.data });
					if (row.data.type !== 'finish' && !enough(row.data)) return;
					subscription.unsubscribe();
					resolve(rows);
				},
				onError: reject
			}
		);
	});
}

export const saidIn = (rows: AnswerRow[]): string => rows.map(({ event }) => (event.type === 'text' ? event.text : '')).join('');
