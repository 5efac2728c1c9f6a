import type { Identity } from '../auth/identity.ts';

/** What every procedure knows of its call, whatever the transport. */
export type Context = {
	/** null = anonymous */
	identity: Identity | null;
	/** open mode lets this caller use document A's own operations without credentials */
	open: boolean;
	requestId: string;
	ip: string;
	userAgent: string;
	transport: 'rest' | 'trpc' | 'ws';
	/** fires when the caller leaves or the server stops */
	signal: AbortSignal;
};
