import { mkdirSync } from 'node:fs';
import { expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { scriptedModel } from '../support/models.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

let server: RunningServer;
test.beforeAll(async () => {
	server = await startServer();
	mkdirSync(server.modelsDir, { recursive: true });
});
test.afterAll(() => server.stop());

test('from no model to a first answer: register by path, load, chat, unload', async ({ page }) => {
	const path = scriptedModel(server.modelsDir, { sentence: 'Welcome aboard.', fileName: 'welcome.gguf' });
	await openApp(page, server);
	await page.getByRole('link', { name: 'Register a model' }).click();

	const dialog = page.getByRole('dialog', { name: 'Register model' });
	const submit = dialog.getByRole('button', { name: 'Register model' });
	await submit.click();
	await expect(dialog).toContainText('Give the path of a GGUF file.');
	await dialog.getByLabel('Path of the GGUF file').fill(`${path}.missing`);
	await submit.click();
	await expect(dialog.getByRole('alert')).toContainText('VALIDATION_ERROR');
	await dialog.getByLabel('Path of the GGUF file').fill(path);
	await submit.click();
	await expect(dialog).toBeHidden();

	await page.getByRole('button', { name: 'Load welcome' }).click();
	await expect(page.getByRole('button', { name: 'Unload welcome' })).toBeEnabled();
	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
	await page.getByRole('textbox', { name: 'Message' }).press('Enter');
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText('Welcome aboard.');

	await page.getByRole('link', { name: 'Models' }).click();
	await page.getByRole('button', { name: 'Unload welcome' }).click();
	await expect(page.getByRole('button', { name: 'Load welcome', exact: true })).toBeEnabled();
	// A wrong path is an answer of the server with status 400, which the browser itself notes.
	expectQuiet(page, /status of 400/);
});
