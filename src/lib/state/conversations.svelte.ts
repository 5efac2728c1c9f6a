import { trpc } from '#lib/trpc.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';
import type { inferRouterOutputs } from '@trpc/server';

export type Conversation = inferRouterOutputs<AppRouter>['conversations']['list'][number];

let list = $state.raw<Conversation[] | null>(null);

/** The person's conversations, newest first; null until they were read. */
export const conversations = {
	get list(): Conversation[] | null { return list; },
	/** Reads the list again. A failure keeps the old one: the connection's notice already tells. */
	async refresh(): Promise<void> {
		list = await trpc.conversations.list.query({ archived: false }).catch(() => list);
	},
	async rename(id: string, title: string): Promise<void> {
		await trpc.conversations.rename.mutate({ id, title });
		await this.refresh();
	},
	async remove(id: string): Promise<void> {
		await trpc.conversations.remove.mutate({ id });
		list = list?.filter((conversation) => conversation.id !== id) ?? null;
	}
};
