import { trpc } from '#lib/trpc.ts';

let defaultPassword = $state(false);

/** What the signed-in person should know of their own account. */
export const account = {
	get defaultPassword(): boolean { return defaultPassword; },
	async refresh(): Promise<void> {
		const me = await trpc.auth.me.query().catch(() => null);
		if (me) defaultPassword = me.defaultPassword;
	}
};
