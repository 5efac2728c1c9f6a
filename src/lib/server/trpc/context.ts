import type { Identity } from '../auth/identity.ts';
import type { AppError } from '../errors.ts';
import type { Window } from '../ratelimit/windows.ts';

/** The caller's cookies. Over a WebSocket they can be read only. */
export type Cookies = {
	get: (name: string) => string | undefined;
	/** HttpOnly, SameSite=Lax, for the whole origin, until the browser closes; Secure over https */
	set: (name: string, value: string) => void;
	clear: (name: string) => void;
};

/** What every procedure knows of its call, whatever the transport. */
export type Context = {
	/** null = anonymous */
	identity: Identity | null;
	/** how the identity was shown; a cookie travels by itself, so what it may do across sites is limited */
	by: 'bearer' | 'cookie' | null;
	/** open mode lets this caller use document A's own operations without credentials */
	open: boolean;
	/** why a caller with bad credentials is served nothing but what ignores them */
	refusal: AppError | undefined;
	cookies: Cookies;
	/** the rate limit's windows this call was counted in */
	windows: Window[];
	requestId: string;
	ip: string;
	userAgent: string;
	transport: 'rest' | 'trpc' | 'ws';
	/** fires when the caller leaves, its session ends, or the server stops */
	signal: AbortSignal;
};
