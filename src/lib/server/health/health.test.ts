import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../db/index.ts';
import { readiness } from './health.ts';

const never = new AbortController().signal;
const open = () => openDatabase(':memory:', resolve(import.meta.dirname, '../../../../drizzle'));
const stateOf = async (list: Parameters<typeof readiness>[0]) => {
	const { status, checks } = await readiness(list, never);
	return [status, ...checks.map((check) => check.status)];
};
afterEach(closeDatabase);

/** With no upstream at all, LM Studio's check fails; whole servers are asked in tests/contract/aigs/health.test.ts. */
describe('readiness', () => {
	it('is Unhealthy without a database, whatever else there is', async () => {
		expect(await stateOf(() => [{ status: 'running' }])).toEqual(['Unhealthy', 'Unhealthy', 'Unhealthy', 'Healthy']);
	});

	it.each(['running', 'stopped', 'loading'] as const)('is Degraded while a local model that is %s can answer', async (status) => {
		open();
		expect(await stateOf(() => [{ status }, { status: 'error' }])).toEqual(['Degraded', 'Healthy', 'Unhealthy', 'Healthy']);
	});

	it('is Unhealthy when every local model has failed', async () => {
		open();
		expect(await stateOf(() => [{ status: 'error' }])).toEqual(['Unhealthy', 'Healthy', 'Unhealthy', 'Unhealthy']);
	});

	it('is Unhealthy when the pool is not running', async () => {
		open();
		const closed = () => {
			throw new Error('the pool is not open');
		};
		expect(await stateOf(closed)).toEqual(['Unhealthy', 'Healthy', 'Unhealthy', 'Unhealthy']);
	});
});
