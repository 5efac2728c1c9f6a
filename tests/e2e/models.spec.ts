import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { embeddingModel, scriptedModel, tinyModel } from '../support/models.ts';
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

test('discovers what lies in the models folder: registers what is new, names what is known, says why the rest is refused', async ({ page }) => {
	tinyModel(server.modelsDir, { fileName: 'found-one.gguf' });
	embeddingModel(server.modelsDir, { fileName: 'found-two.gguf' });
	writeFileSync(join(server.modelsDir, 'letter.gguf'), 'Dear reader');
	await openApp(page, server, '/models');
	await page.getByRole('button', { name: 'Discover' }).click();
	const dialog = page.getByRole('dialog', { name: 'Discover models' });
	await dialog.getByRole('button', { name: 'Start' }).click();
	const file = (name: string) => dialog.getByRole('listitem').filter({ hasText: `${name}.gguf` });
	await expect(file('letter')).toContainText(/not a GGUF file.*Refused/s);
	await expect(file('welcome')).toContainText('Already registered');
	await file('found-two').getByRole('checkbox').uncheck();
	await dialog.getByRole('button', { name: 'Register 1 model' }).click();
	await expect(file('found-one')).toContainText('Registered');
	await expect(dialog.getByRole('status')).toContainText('1 new · 1 registered · 1 refused · 1 already registered');
	await expectAccessible(page);
	await file('found-two').getByRole('checkbox').check();
	await dialog.getByRole('button', { name: 'Register 1 model' }).click();
	await expect(file('found-two')).toContainText('Registered');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('link', { name: 'found-one' }).filter({ visible: true })).toBeVisible();
	expectQuiet(page);
});

test('filters and orders the list, in its address; cards are remembered', async ({ page, isMobile }) => {
	await openApp(page, server, '/models');
	const names = () => page.getByRole('link', { name: /^(found|welcome)/ }).filter({ visible: true });
	await expect(names()).toHaveText(['found-one', 'found-two', 'welcome']);
	if (!isMobile) {
		await page.getByRole('button', { name: 'Name', exact: true }).click();
		await expect(names()).toHaveText(['welcome', 'found-two', 'found-one']);
		await expect(page.getByRole('columnheader', { name: 'Name' }).first()).toHaveAttribute('aria-sort', 'descending');
	}
	await page.getByRole('searchbox', { name: 'Filter by words' }).fill('two');
	await expect(names()).toHaveText(['found-two']);
	await page.reload();
	await expect(names()).toHaveText(['found-two']);
	await page.getByRole('combobox', { name: 'State' }).selectOption('Error');
	await expect(page.getByRole('heading', { name: 'No model matches' })).toBeVisible();
	await page.getByRole('button', { name: 'Clear the filter' }).click();
	await expect(names()).toHaveCount(3);

	await page.getByRole('button', { name: 'Cards' }).click();
	await page.goto(`${server.url}/models`);
	await expect(page.getByRole('link', { name: 'Chat with welcome' })).toBeVisible();
	await expect(page.getByRole('link', { name: 'Chat with found-two' })).toHaveCount(0); // it makes embeddings
	await expectAccessible(page);
	await page.getByRole('combobox', { name: 'Order' }).selectOption('size');
	await expect(page).toHaveURL(/sort=size/);
	await page.getByRole('link', { name: 'welcome', exact: true }).click();
	await expect(page.getByRole('dialog', { name: 'welcome' })).toBeVisible();
	expectQuiet(page);
});
