import { toast } from 'svelte-sonner';
import { SvelteSet } from 'svelte/reactivity';
import { t } from '#lib/i18n/index.ts';
import { failureOf } from '#lib/state/failure.ts';
import { models, type Model } from '#lib/state/models.svelte.ts';
import { trpc } from '#lib/trpc.ts';

const busy = new SvelteSet<string>();

/** Whether it went well; a failure is told. */
async function told(work: () => Promise<unknown>): Promise<boolean> {
	try {
		await work();
		return true;
	} catch (thrown) {
		const { message, code } = failureOf(thrown);
		toast.error(message, { description: code ?? undefined });
		return false;
	}
}

/** Whether a model is being loaded or unloaded at this page's wish. */
export const isChanging = ({ name, status }: Model): boolean => busy.has(name) || status === 'loading';

/** What becomes of it is seen in its state. */
export async function loadOrUnload({ name, status }: Model): Promise<void> {
	busy.add(name);
	await told(() => (status === 'running' ? trpc.models.unload.mutate({ name }) : trpc.models.load.mutate({ name })));
	busy.delete(name);
}

export const pinOrUnpin = ({ name, local }: Model): Promise<boolean> =>
	told(async () => {
		await trpc.models.pin.mutate({ name, pinned: !local?.pinned });
		await models.refresh();
	});

/** Takes a model from the registry; one click brings it back as it was. */
export const removeModel = ({ name }: Model): Promise<boolean> =>
	told(async () => {
		await trpc.models.remove.mutate({ name });
		await models.refresh();
		toast(t('models.removed', { name }), {
			description: t('models.removed.hint'),
			duration: 10_000,
			action: { label: t('action.undo'), onClick: () => void told(() => trpc.models.restore.mutate({ name }).then(models.refresh)) }
		});
	});
