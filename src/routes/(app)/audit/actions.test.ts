import { expect, it } from 'vitest';
import { appRouter } from '#lib/server/trpc/router.ts';
import { actionGroups, actions } from './actions.ts';

type Procedure = { _def: { type: string; meta?: { audit?: boolean } } };

it('says in words everything that the audit trail writes down, and finds it by a group', () => {
	const procedures = Object.entries(appRouter._def.procedures) as unknown as [string, Procedure][];
	const audited = procedures.filter(([, { _def }]) => _def.type === 'mutation' && _def.meta?.audit).map(([path]) => path);
	expect(audited.filter((path) => !(path in actions))).toEqual([]);
	expect(Object.keys(actions).filter((path) => !actionGroups.some(({ action }) => path.startsWith(action)))).toEqual([]);
});
