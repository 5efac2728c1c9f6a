import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { startFakeHub, type FakeHub } from '../support/fake-hub/fake-hub.ts';
import { scriptedModel } from '../support/models.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

let hub: FakeHub;
let server: RunningServer;
test.beforeEach(async () => {
	const folder = mkdtempSync(join(tmpdir(), 'llama-runner-test-'));
	const seed = readFileSync(scriptedModel(folder, { sentence: 'Fresh from the hub.' }));
	rmSync(folder, { recursive: true });
	hub = await startFakeHub({
		repos: [
			{ id: 'bartowski/SmolLM2-360M-Instruct-GGUF', license: 'apache-2.0', downloads: 4000, files: { 'SmolLM2-360M-Instruct-Q4_K_M.gguf': Buffer.concat([seed, randomBytes(6e6)]), 'SmolLM2-360M-Instruct-Q8_0.gguf': Buffer.concat([seed, randomBytes(9e6)]) } },
			{ id: 'somebody/Closed-GGUF', gated: true, files: { 'Closed-Q4_K_M.gguf': seed } }
		]
	});
	server = await startServer(hub.settings);
});
test.afterEach(async () => {
	await server.stop();
	await hub.stop();
});

test('from no model to an answer in one click, through a pause', async ({ page }) => {
	hub.speed = 0.4e6; // a quarter of a minute to pause in
	await openApp(page, server);
	await expect(page.getByRole('heading', { name: 'Good to start with' })).toBeVisible();
	await page.getByRole('button', { name: 'Download SmolLM2 360M Instruct' }).click();

	const row = page.getByRole('region', { name: 'Downloads' }).getByRole('listitem');
	await expect(row).toContainText(/\d+ MB of [\d.]+ MB · .*\/s · \d+ s left/);
	await row.getByRole('button', { name: /^Pause/ }).click();
	await expect(row).toContainText('Paused');
	hub.speed = Infinity;
	await row.getByRole('button', { name: /^Resume/ }).click();
	await expect(row).toContainText('registered as SmolLM2-360M-Instruct-Q4_K_M');
	await row.getByRole('button', { name: /off the list$/ }).click();
	await expect(row).toHaveCount(0);

	await page.goto(`${server.url}/chat`);
	await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
	await page.getByRole('textbox', { name: 'Message' }).press('Enter');
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText('Fresh from the hub.');
	expectQuiet(page);
});

test('search, what fits, a gated repository, and the settings', async ({ page }) => {
	await openApp(page, server, '/models');
	await page.getByRole('button', { name: 'Get models' }).click();
	const dialog = page.getByRole('dialog', { name: 'Get models' });
	await dialog.getByRole('searchbox', { name: 'Search Hugging Face' }).fill('smol');
	await dialog.getByRole('button', { name: 'Search', exact: true }).click();
	await dialog.getByRole('button', { name: /SmolLM2-360M-Instruct-GGUF/ }).click();
	await expect(dialog.getByRole('listitem').first()).toContainText(/Q4_K_M.*Recommended.*(Fits|Tight|Too large).*needs/s);
	await dialog.getByRole('button', { name: 'Back' }).click();

	await dialog.getByRole('searchbox', { name: 'Search Hugging Face' }).fill('closed');
	await dialog.getByRole('button', { name: 'Search', exact: true }).click();
	await dialog.getByRole('button', { name: /Closed-GGUF/ }).click();
	await dialog.getByRole('button', { name: 'Download Q4_K_M' }).click();
	const row = page.getByRole('region', { name: 'Downloads' }).getByRole('listitem');
	await expect(row).toContainText('is gated. Accept its terms');

	await page.getByRole('button', { name: 'Get models' }).click();
	await dialog.getByRole('button', { name: 'Settings' }).click();
	await dialog.getByLabel('Access token for Hugging Face').fill('hf_right');
	await dialog.getByLabel('Allowed hosts').fill('models.example.org');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect(dialog).toContainText('One is kept, encrypted.');
	await page.keyboard.press('Escape');
	await row.getByRole('button', { name: /^Resume/ }).click();
	await expect(row).toContainText('registered as Closed-Q4_K_M');
	// The header of a gated file can't be read without the token, which the browser itself notes.
	expectQuiet(page, /status of 403/);
});
