import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { trpc } from '#lib/trpc.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';

type Outputs = inferRouterOutputs<AppRouter>['conversations'];
export type Conversation = Outputs['list'][number];
export type FoundConversation = Outputs['search'][number];
export type ConversationFile = inferRouterInputs<AppRouter>['conversations']['import'];

/** Conversations that one request exports. */
const exportedAtOnce = 20;

/** Rows that one request reads. */
const pageLength = 500;

async function readAll(wishes: { archived?: boolean }): Promise<Conversation[]> {
	const rows: Conversation[] = [];
	for (;;) {
		const after = rows.at(-1);
		const page = await trpc.conversations.list.query({ ...wishes, limit: pageLength, ...(after ? { after: { id: after.id, updatedAt: after.updatedAt } } : {}) });
		rows.push(...page);
		if (page.length < pageLength) return rows;
	}
}

let list = $state.raw<Conversation[] | null>(null);
let archived = $state(false);

/** The person's conversations, newest first; null until they were read. */
export const conversations = {
	get list(): Conversation[] | null { return list; },
	/** whether the list is of archived ones */
	get archived(): boolean { return archived; },
	/** Reads the list again. A failure keeps the old one: the connection's notice already tells. */
	async refresh(): Promise<void> {
		list = await readAll({ archived }).catch(() => list);
	},
	async showArchived(next: boolean): Promise<void> {
		archived = next;
		list = null;
		await this.refresh();
	},
	async rename(id: string, title: string): Promise<void> {
		await trpc.conversations.rename.mutate({ id, title });
		await this.refresh();
	},
	async archive(id: string, archived: boolean): Promise<void> {
		await trpc.conversations.archive.mutate({ id, archived });
		await this.refresh();
	},
	/** Removes one, and gives what {@link bringIn} takes to undo that. */
	async remove(id: string): Promise<ConversationFile> {
		const file = await trpc.conversations.export.query({ ids: [id] });
		await trpc.conversations.remove.mutate({ id });
		list = list?.filter((conversation) => conversation.id !== id) ?? null;
		return file;
	},
	/** All conversations, archived ones too, or those given, as one file. */
	async exported(ids?: string[]): Promise<ConversationFile> {
		const wanted = ids ?? (await readAll({})).map(({ id }) => id);
		const file: ConversationFile = { format: 'llama-runner-conversations', version: 1, conversations: [] };
		for (let at = 0; at < wanted.length; at += exportedAtOnce) file.conversations.push(...(await trpc.conversations.export.query({ ids: wanted.slice(at, at + exportedAtOnce) })).conversations);
		return file;
	},
	/** Adds the conversations of a file. Returns their ids. */
	async bringIn(file: ConversationFile): Promise<string[]> {
		const { ids } = await trpc.conversations.import.mutate(file);
		await this.refresh();
		return ids;
	}
};
