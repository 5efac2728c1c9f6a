/**
 * Where the states of conversations lie that engines keep (pool/engine/kept-states.ts), and what ends them: their conversation,
 * their user, their model, and the bound of the parameter.
 */
import { eq } from 'drizzle-orm';
import type { KeptConversations } from '../../contract/models.ts';
import { conversations, database, users } from '../db/index.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { measureStates, removeStatesOf, removeStatesOfModel, removeStrangers, sweepStates, type KeptOnDisk, type StateOwner } from '../pool/engine/state-files.ts';
import { pool } from './running.ts';
import { stateDiskBytes, statesRoot } from './state-settings.ts';

const log = logger('model-manager');
const stops: (() => void)[] = [];

/** What is kept on disk, of all models or of one. */
export const statesOnDisk = (modelId?: string): Promise<KeptOnDisk> => measureStates(statesRoot(), modelId);

/** The same with what engines keep in memory, as they last told. */
export async function keptStates(): Promise<KeptConversations> {
	const memory = { states: 0, bytes: 0 };
	for (const { kept } of pool().states()) {
		memory.states += kept?.states ?? 0;
		memory.bytes += kept?.bytes ?? 0;
	}
	return { memory, disk: await statesOnDisk() };
}

const sweep = () => sweepStates(statesRoot(), stateDiskBytes());

/** What can't be removed is said: somebody believes it gone. */
const inBackground = (work: Promise<unknown>, what: string): void => void work.catch((error: unknown) => log.error({ err: String(error) }, `Kept states: ${what} failed`));

/** Erases what is kept of a conversation, or without one of all of a user's, wherever it is. */
async function forget(owner: StateOwner): Promise<void> {
	await removeStatesOf(statesRoot(), owner);
	await pool().forget(owner);
	await removeStatesOf(statesRoot(), owner);
}

/** The states of a model that is no longer registered. */
export const forgetModelStates = (modelId: string): Promise<void> => removeStatesOfModel(statesRoot(), modelId);

/** Clears what a server that did not end well has left, and listens for what must go. */
export function openKeptStates(): void {
	const known = () => database().select({ user: conversations.userId, conversation: conversations.id }).from(conversations).all();
	inBackground(removeStrangers(statesRoot(), known()).then(sweep), 'the first look');
	const isUser = (id: string) => database().select({ id: users.id }).from(users).where(eq(users.id, id)).get() !== undefined;
	stops.push(
		events.on('conversation:removed', ({ userId, conversationId }) => inBackground(forget({ user: userId, conversation: conversationId }), 'forgetting a conversation')),
		events.on('user:changed', ({ userId }) => {
			if (!isUser(userId)) inBackground(forget({ user: userId }), 'forgetting a user');
		}),
		events.on('parameters:changed', ({ names }) => {
			if (names.includes('promptCacheDisk')) inBackground(sweep(), 'keeping the bound');
		}),
		// An engine that was opened before the bound was changed ends by the old one.
		events.on('pool:event', ({ type }) => {
			if (type === 'ended') inBackground(sweep(), 'keeping the bound');
		})
	);
}

export function closeKeptStates(): void {
	for (const stop of stops.splice(0)) stop();
}
