import { recordAudit, type Actor } from '../audit/audit.ts';
import { appErrorOf } from '../errors.ts';
import type { Context } from './context.ts';

/** The caller, for the audit trail. */
export const actorOf = ({ identity, ip, requestId }: Context): Actor => ({ userId: identity?.userId ?? null, username: identity?.username ?? '', ip, requestId });

/** Refusals that say something about a signed-in caller; a mistyped value says nothing. */
const telling = ['FORBIDDEN', 'CONFLICT', 'PATH_NOT_ALLOWED'];

const members = (input: unknown) => (typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {});
const targetOf = (input: Record<string, unknown>) => [input.username, input.name, input.id].find((value) => typeof value === 'string') ?? '';

/** Writes into the audit trail how a mutation ended, with its input but for the secrets. */
export function auditCall(ctx: Context, path: string, rawInput: unknown, failure: unknown): void {
	const code = failure === undefined ? undefined : appErrorOf(failure)?.code;
	if (failure !== undefined && (!ctx.identity || !code || !telling.includes(code))) return;
	const input = members(rawInput);
	const { id: _id, ...rest } = input;
	const details = { ...rest, ...(code ? { refused: code } : {}) };
	recordAudit(actorOf(ctx), path, { outcome: code ? 'refused' : 'ok', target: targetOf(input), ...(Object.keys(details).length ? { details } : {}) });
}
