import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { tinyModel } from '../../support/models.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

type Readiness = { status: string; checks: { name: string; status: string; description: string }[] };

let fake: FakeLmStudio;
let server: RunningServer;
beforeAll(async () => {
	fake = await startFakeLmStudio();
	server = await startServer({ LM_STUDIO_URL: fake.url });
});
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

async function ready(): Promise<{ httpStatus: number; body: Readiness }> {
	const response = await fetch(`${server.url}/health/ready`);
	return { httpStatus: response.status, body: (await response.json()) as Readiness };
}
const summary = async () => {
	const { httpStatus, body } = await ready();
	return [httpStatus, body.status, ...body.checks.map(({ status }) => status)];
};
const register = (path: string) =>
	fetch(`${server.url}/api/models`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ models: [{ name: 'tiny', path }] }) });

describe('health', () => {
	it('live is 200, whoever asks', async () => {
		for (const headers of [{}, { authorization: 'Bearer nonsense' }, { cookie: 'access_token=nonsense' }] as Record<string, string>[])
			for (const path of ['/health/live', '/health/ready']) expect((await fetch(server.url + path, { headers })).status).toBe(200);
	});

	it('ready has document B’s checks, by name and in their words', async () => {
		expect((await ready()).body).toEqual({
			status: 'Healthy',
			checks: [
				{ name: 'Database', status: 'Healthy', description: 'Database connection is healthy' },
				{ name: 'LM Studio', status: 'Healthy', description: 'LM Studio connection is healthy' },
				{ name: 'Model Pool', status: 'Healthy', description: 'No local model is registered' }
			]
		});
	});

	it('nothing that can serve is 503 Unhealthy; a local model makes it 200 Degraded; LM Studio makes it Healthy again', async () => {
		await fake.kill();
		await expect.poll(summary, { timeout: 15_000 }).toEqual([503, 'Unhealthy', 'Healthy', 'Unhealthy', 'Healthy']);
		await register(tinyModel(server.modelsDir));
		expect(await summary()).toEqual([200, 'Degraded', 'Healthy', 'Unhealthy', 'Healthy']);
		await fake.restart();
		await expect.poll(summary, { timeout: 15_000 }).toEqual([200, 'Healthy', 'Healthy', 'Healthy', 'Healthy']);
	}, 40_000);

	it('local models that can’t answer are a check that fails', async () => {
		unlinkSync(join(server.modelsDir, 'tiny.gguf'));
		await expect.poll(summary, { timeout: 20_000 }).toEqual([200, 'Degraded', 'Healthy', 'Healthy', 'Unhealthy']);
	}, 30_000);
});
