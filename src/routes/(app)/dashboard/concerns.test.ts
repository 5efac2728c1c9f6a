import { describe, expect, it } from 'vitest';
import { concernsOf, type Known } from './concerns.ts';

const gibibyte = 2 ** 30;
const reader = { isAdmin: true, mayWatch: true, hasDefaultPassword: false };
const concerns = (known: Partial<Known>) => concernsOf({ checks: [], warnings: [], upstreams: [], models: [], hasChatModel: true, newest: undefined, reader, ...known });
const measured = (used: { memory?: number; disk?: number }) => ({
	memory: { usedBytes: (used.memory ?? 0.5) * gibibyte, totalBytes: gibibyte },
	disks: [{ name: 'data', usedBytes: (used.disk ?? 0.5) * 100 * gibibyte, totalBytes: 100 * gibibyte }]
});

describe('what needs attention', () => {
	it('is nothing where all is well', () => {
		expect(concerns({ newest: measured({ memory: 0.95, disk: 0.9 }) })).toEqual([]);
	});

	it('is a disk or a memory that is almost full, with what is left', () => {
		expect(concerns({ newest: measured({ disk: 0.93 }) })).toEqual([{ text: expect.stringMatching(/data.*93/), more: expect.stringMatching(/^7\.?0* GB|7\.5/), step: { label: expect.any(String), href: '/parameters' } }]);
		expect(concerns({ newest: measured({ memory: 0.97 }) })).toEqual([{ text: expect.stringContaining('97'), step: { label: expect.any(String), href: '/models' } }]);
	});

	it('is that there is no model to chat with: who may get one is led to it', () => {
		expect(concerns({ hasChatModel: false })[0]!.step?.href).toBe('/models?get');
		expect(concerns({ hasChatModel: false, reader: { ...reader, isAdmin: false } })[0]!.step?.href).toBe('/models');
	});

	it('is a model that does not load, with the reason, and once: not as the pool’s ill health as well', () => {
		const pool = { name: 'Model Pool', status: 'Unhealthy', description: 'No model can be loaded' } as Known['checks'][number];
		const broken = [{ name: 'a/b', status: 'error', error: 'The file is cut off' }];
		expect(concerns({ checks: [pool], models: broken })).toEqual([{ text: expect.stringContaining('a/b'), more: 'The file is cut off', step: { label: expect.any(String), href: '/models?model=a%2Fb' } }]);
		expect(concerns({ checks: [pool] }).map(({ text }) => text)).toEqual(['No model can be loaded']);
	});

	it('is an upstream that does not answer, unless it is turned off', () => {
		const upstream = { name: 'far', health: 'down', private: undefined } as unknown as Known['upstreams'][number];
		expect(concerns({ upstreams: [{ ...upstream, enabled: true }] })).toHaveLength(1);
		expect(concerns({ upstreams: [{ ...upstream, enabled: false }] })).toEqual([]);
	});

	it('leads who has the default password to change it, another administrator to the users, and nobody else anywhere', () => {
		const href = (by: Partial<typeof reader>) => concerns({ warnings: ['defaultPassword'], reader: { ...reader, ...by } })[0]!.step?.href;
		expect(href({ hasDefaultPassword: true })).toBe('/login/password?to=/dashboard');
		expect(href({})).toBe('/users');
		expect(href({ isAdmin: false })).toBeUndefined();
	});
});
