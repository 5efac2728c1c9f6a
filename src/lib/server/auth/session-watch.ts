import { events } from '../events.ts';
import { singleton } from '../singleton.ts';
import { credentialOf, type Identity } from './identity.ts';
import { standingKeys } from './keys.ts';
import { standingSessions } from './sessions.ts';

/** Milliseconds between two looks for sessions that ended without an event: by expiry, or by a program beside the server. */
const sweepMs = 5_000;

type Watched = { controller: AbortController; holders: number };
const watched = singleton('watched-sessions', () => new Map<string, Watched>());

/**
 * A signal that fires when the caller's session ends or its API key is revoked, for everything that outlives a
 * request's start. `release` when it is over: one entry is shared by all that is open under one credential.
 */
export function watchSession(identity: Identity): { ended: AbortSignal; release: () => void } {
	const id = credentialOf(identity);
	let entry = watched.get(id);
	if (!entry) watched.set(id, (entry = { controller: new AbortController(), holders: 0 }));
	const held = entry;
	held.holders++;
	let released = false;
	return {
		ended: held.controller.signal,
		release() {
			if (released) return;
			released = true;
			if (--held.holders === 0 && watched.get(id) === held) watched.delete(id);
		}
	};
}

function end(id: string): void {
	const entry = watched.get(id);
	watched.delete(id);
	entry?.controller.abort();
}

/** Ends what is open under credentials that no longer stand. */
export function sweepSessions(): void {
	const ids = [...watched.keys()];
	if (ids.length === 0) return;
	const standing = new Set([...standingSessions(ids), ...standingKeys(ids)]);
	for (const id of ids) if (!standing.has(id)) end(id);
}

/** Starts to listen. Returns the stop. */
export function startSessionWatch(): () => void {
	const timer = setInterval(sweepSessions, sweepMs);
	timer.unref();
	const off = events.on('session:revoked', ({ credentialIds }) => credentialIds.forEach(end));
	return () => {
		clearInterval(timer);
		off();
	};
}
