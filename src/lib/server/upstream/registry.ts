import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import type { UpstreamKind } from '../../contract/upstreams.ts';
import { database, upstreams } from '../db/index.ts';
import { BootError, env } from '../env.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { keptSecret } from '../kept-secret.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import { upstreamRoot } from './address.ts';
import { offerNamed, offersOf, type Offer } from './offers.ts';
import { sealWith, type Seal } from './seal.ts';
import { Upstream, type UpstreamSettings } from './upstream.ts';

const log = logger('upstream');

/** The upstream of LM_STUDIO_URL: always there, changed by the environment alone. */
export const builtInName = 'lm-studio';

type Row = typeof upstreams.$inferSelect;
const state = singleton('upstreams', () => ({ live: [] as Upstream[], seal: undefined as Seal | undefined }));

function seal(): Seal {
	if (!state.seal) throw new Error('the upstreams are not open');
	return state.seal;
}

function builtIn(): UpstreamSettings {
	const { lmStudioUrl, lmStudioApiKey } = env();
	try {
		return { id: builtInName, name: builtInName, kind: 'lm-studio', baseUrl: upstreamRoot(lmStudioUrl), apiKey: lmStudioApiKey, enabled: true };
	} catch (thrown) {
		const why = thrown instanceof AppError ? thrown.errors.join('; ').replace('baseUrl', 'LM_STUDIO_URL') : String(thrown);
		throw new BootError(`The server can't start: ${why}. See .env.example for every setting.`);
	}
}

function settingsOf(row: Row): UpstreamSettings {
	const apiKey = row.apiKey === null ? undefined : seal().open(row.apiKey, row.id);
	if (row.apiKey !== null && apiKey === undefined) log.error({ upstream: row.name }, `The API key of the upstream ${row.name} can't be opened; set it again`);
	return { id: row.id, name: row.name, kind: row.kind, baseUrl: row.baseUrl, apiKey, enabled: row.enabled };
}

function begin(settings: UpstreamSettings): Upstream {
	const upstream = new Upstream(settings);
	if (settings.enabled) upstream.start();
	return upstream;
}

/** Starts probing all upstreams. @throws BootError for an unusable LM_STUDIO_URL or secret */
export function openUpstreams(): void {
	state.seal = sealWith(keptSecret(join(env().dataDir, 'upstream-keys.secret'), 'Mend or remove it; when it is gone a new one is made and the API keys of upstreams must be set again.'));
	const rows = database().select().from(upstreams).orderBy(upstreams.createdAt).all();
	state.live = [builtIn(), ...rows.map(settingsOf)].map(begin);
}

export function closeUpstreams(): void {
	for (const upstream of state.live.splice(0)) upstream.stop();
}

/** All upstreams, the built-in one first. */
export const allUpstreams = (): readonly Upstream[] => state.live;

const enabled = () => state.live.filter((upstream) => upstream.settings.enabled);

/** Brings what is known of the upstreams up to date; waits at most 2 s for one never probed, a quarter of a second for others. */
export async function refreshUpstreams(signal: AbortSignal, maxAgeMs?: number): Promise<void> {
	await Promise.all(enabled().map((upstream) => upstream.refresh(signal, maxAgeMs)));
}

/** The models of every upstream that answers. @param taken whether a local model has the name */
export async function listOffers(taken: (name: string) => boolean, signal: AbortSignal): Promise<Offer[]> {
	await refreshUpstreams(signal);
	return offersOf(enabled().filter((upstream) => upstream.health === 'up'), taken);
}

/**
 * The upstream model of that name; the upstreams are asked again only when none is known. One whose upstream is down is
 * still found: its answer says so.
 */
export async function findOffer(name: string, signal: AbortSignal): Promise<Offer | undefined> {
	const known = offerNamed(enabled(), name);
	if (known) return known;
	await refreshUpstreams(signal, 0);
	return offerNamed(enabled(), name);
}

/** An absent member stays as it is; a key of null or '' is removed. */
export type UpstreamChange = { name?: string | undefined; kind?: UpstreamKind | undefined; baseUrl?: string | undefined; apiKey?: string | null | undefined; enabled?: boolean | undefined };

/** @throws AppError NOT_FOUND */
export function requireUpstream(id: string): Upstream {
	const upstream = state.live.find((one) => one.settings.id === id);
	if (!upstream) throw new AppError('NOT_FOUND', 'There is no such upstream');
	return upstream;
}

function requireChangeable(id: string): Upstream {
	const upstream = requireUpstream(id);
	if (id === builtInName) throw new AppError('CONFLICT', 'This upstream is set by LM_STUDIO_URL and LM_STUDIO_API_KEY; change them and start the server again');
	return upstream;
}

function requireFreeName(name: string, ownId: string): void {
	if (name === 'local' || state.live.some((one) => one.name === name && one.settings.id !== ownId)) throw new AppError('CONFLICT', `The name "${name}" is taken; choose another`);
}

const sealed = (apiKey: string | null | undefined, id: string) => (apiKey ? seal().close(apiKey, id) : null);

/** Adds an upstream and begins to probe it. @throws AppError CONFLICT, VALIDATION_ERROR */
export function createUpstream({ name, kind, baseUrl, apiKey, enabled = true }: UpstreamChange & { name: string; kind: UpstreamKind; baseUrl: string }): Upstream {
	const id = randomUUID();
	requireFreeName(name, id);
	const now = new Date();
	const row = database().insert(upstreams).values({ id, name, kind, baseUrl: upstreamRoot(baseUrl), apiKey: sealed(apiKey, id), enabled, createdAt: now, updatedAt: now }).returning().get();
	const upstream = begin(settingsOf(row));
	state.live.push(upstream);
	events.emit('models:changed', {});
	return upstream;
}

/** Changes an upstream; answers under way go on with what it was. @throws AppError NOT_FOUND, CONFLICT, VALIDATION_ERROR */
export function updateUpstream(id: string, change: UpstreamChange): Upstream {
	const old = requireChangeable(id);
	if (change.name !== undefined) requireFreeName(change.name, id);
	const { apiKey, baseUrl = old.settings.baseUrl, ...plain } = change;
	const root = upstreamRoot(baseUrl);
	// A key is never sent to another host than it was given for.
	const moved = new URL(root).origin !== new URL(old.settings.baseUrl).origin;
	const key = apiKey === undefined && !moved ? {} : { apiKey: sealed(apiKey, id) };
	const row = database()
		.update(upstreams)
		.set({ ...plain, baseUrl: root, ...key, updatedAt: new Date() }) // drizzle leaves undefined members out
		.where(eq(upstreams.id, id))
		.returning()
		.get();
	if (!row) throw new AppError('NOT_FOUND', 'There is no such upstream');
	old.stop();
	const upstream = begin(settingsOf(row));
	state.live[state.live.indexOf(old)] = upstream;
	events.emit('models:changed', {});
	return upstream;
}

/** @throws AppError NOT_FOUND, CONFLICT */
export function removeUpstream(id: string): void {
	const upstream = requireChangeable(id);
	database().delete(upstreams).where(eq(upstreams.id, id)).run();
	upstream.stop();
	state.live.splice(state.live.indexOf(upstream), 1);
	events.emit('models:changed', {});
}
