import { expect, test, type Page } from '../support/browser-test.ts';
import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../support/fake-lm-studio/fake-lm-studio.ts';

let server: ChatServer;
let lab: FakeLmStudio;
test.beforeAll(async () => {
	// Its answers begin and then stand still.
	lab = await startFakeLmStudio({ name: 'lab', models: [{ key: 'lab-model', loaded: true }], fault: 'stall' });
	server = await startChatServer({ LM_STUDIO_URL: lab.url });
});
test.afterAll(async () => {
	await server.stop();
	await lab.stop();
});
test.afterEach(({ page }) => expectQuiet(page));

const panel = (page: Page, name: string) => page.getByRole('dialog', { name });
const row = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).filter({ visible: true });

test('a row opens everything about its model: memory, facts, template, metadata, and a try', { tag: '@phone' }, async ({ page }) => {
	await openApp(page, server, '/models');
	await row(page, 'scripted').click();
	const about = panel(page, 'scripted');
	await expect(page).toHaveURL(/[?&]model=scripted$/);
	await expect(about).toContainText(/This model would take.*MB|GB.*Memory of this machine/s);
	await expect(about).toContainText(/Weights .* KV cache .* tokens in f16/);
	await expect(about.getByText('scripted.gguf')).toBeVisible();

	await about.getByText('Chat template').click();
	await expect(about.locator('pre')).toContainText('messages');
	await about.getByText('Metadata of the file').click();
	await about.getByRole('searchbox', { name: 'Filter the metadata' }).fill('general.arch');
	await expect(about.getByText('general.architecture')).toBeVisible();
	await expect(about.getByText('general.name')).toBeHidden();

	await about.getByRole('textbox', { name: 'Message to try it with' }).fill('Hello');
	await about.getByRole('textbox', { name: 'Message to try it with' }).press('Enter');
	await expect(about.locator('.markdown')).toHaveText(sentence);
	await expect(about).toContainText('tok/s');
	await expect(about.getByRole('button', { name: 'Unload scripted' })).toBeVisible();
	await expect(about).toContainText('Slots busy');
	await expectAccessible(page, '[role=dialog]');

	await page.keyboard.press('Escape');
	await expect(about).toBeHidden();
	await expect(page).toHaveURL(/\/models$/);
	// Nothing of a try is kept.
	expect(await server.trpc.conversations.list.query()).toEqual([]);
});

test('by its address, also of an upstream; a try is stopped by Escape, which then closes the panel', async ({ page }) => {
	await openApp(page, server, '/models?model=lab-model');
	const about = panel(page, 'lab-model');
	await expect(about).toContainText('served by lm-studio');
	const box = about.getByRole('textbox', { name: 'Message to try it with' });
	await box.fill('Go on');
	await box.press('Enter');
	await expect(about.locator('.markdown')).toContainText('lab says');
	await box.press('Escape');
	await expect(about).toContainText('Stopped');
	await expect(about).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(about).toBeHidden();

	await page.goto(`${server.url}/models?model=nobody`);
	await expect(panel(page, 'nobody')).toContainText('There is no model “nobody”');
});

test('edits, sets a parameter, pins, removes and takes that back', async ({ page }) => {
	await openApp(page, server, '/models?model=endless');
	await panel(page, 'endless').getByRole('button', { name: 'Actions for endless' }).click();
	await page.getByRole('menuitem', { name: 'Edit' }).click();
	const dialog = page.getByRole('dialog', { name: 'Edit endless' });
	await dialog.getByLabel('Name', { exact: true }).fill('boundless');
	await dialog.getByLabel('Aliases').fill('endless');
	await dialog.getByLabel('Aliases').press('Enter');
	await dialog.getByLabel('Description').fill('Never ends by itself.');
	await dialog.getByRole('button', { name: 'Save' }).click();

	const about = panel(page, 'boundless');
	await expect(about).toContainText('Never ends by itself.');
	await expect(page).toHaveURL(/[?&]model=boundless$/);
	await about.getByText('Parameters of this model').click();
	await about.getByLabel('temperature', { exact: true }).fill('0.25');
	await about.getByLabel('temperature', { exact: true }).press('Enter');
	await expect(about).toContainText('1 set');
	await about.getByRole('button', { name: 'Actions for boundless' }).click();
	await page.getByRole('menuitem', { name: 'Pin' }).click();
	await expect(about).toContainText('Pinned: stays loaded');

	await about.getByRole('button', { name: 'Actions for boundless' }).click();
	await page.getByRole('menuitem', { name: 'Remove' }).click();
	await expect(about).toBeHidden();
	await expect(row(page, 'boundless')).toHaveCount(0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await row(page, 'boundless').click();
	await expect(about).toContainText('Pinned: stays loaded');
	await about.getByText('Parameters of this model').click();
	await expect(about.getByLabel('temperature', { exact: true })).toHaveValue('0.25');
	await expect(about).toContainText('endless');
});
