import { trpc } from '#lib/trpc.ts';

let version = $state<string | null>(null);

/** The server's own facts, for the frame's foot. */
export const server = {
	get version(): string | null { return version; },
	/** Reads them; after a gap the server may be a newer one. */
	async refresh(): Promise<void> {
		const status = await trpc.health.status.query().catch(() => null);
		if (status) version = status.version;
	}
};
