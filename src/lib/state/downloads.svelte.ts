import { toast } from 'svelte-sonner';
import type { ListedDownload, NewDownload } from '#lib/contract/downloads.ts';
import { t } from '#lib/i18n/index.ts';
import { trpc } from '#lib/trpc.ts';
import { failureOf, type Failure } from './failure.ts';

let list = $state.raw<ListedDownload[]>([]);
let failure = $state.raw<Failure | null>(null);

async function change(run: () => Promise<unknown>): Promise<void> {
	try {
		await run();
	} catch (thrown) {
		const { message, code } = failureOf(thrown);
		toast.error(message, { description: code ?? undefined });
	}
}

export const downloads = {
	/** the newest first */
	get list(): ListedDownload[] { return list; },
	/** why they could not be read */
	get failure(): Failure | null { return failure; },
	/** @returns why it could not be begun */
	async start(asked: NewDownload): Promise<Failure | null> {
		try {
			await trpc.downloads.start.mutate(asked);
			toast.success(t('downloads.started'));
			return null;
		} catch (thrown) {
			return failureOf(thrown);
		}
	},
	pause: (id: string) => change(() => trpc.downloads.pause.mutate({ id })),
	resume: (id: string) => change(() => trpc.downloads.resume.mutate({ id })),
	remove: (id: string) => change(() => trpc.downloads.remove.mutate({ id })),
	/** Keeps them up to date until the returned function is called: the body of an `$effect`. */
	follow(): () => void {
		const subscription = trpc.downloads.live.subscribe(undefined, {
			onData: (rows) => {
				list = rows;
				failure = null;
			},
			onError: (thrown) => (failure = failureOf(thrown))
		});
		return () => subscription.unsubscribe();
	}
};
