import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { signIn } from '../support/sign-in.ts';
import { trpcClient } from '../support/trpc-client.ts';

let server: RunningServer;
test.beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_LOGIN: '0', RATE_LIMIT_IP: '0' });
	const createdAt = new Date();
	await trpcClient(server, await signIn(server)).conversations.import.mutate({
		format: 'llama-runner-conversations',
		version: 1,
		conversations: [{ id: 'c1', title: 'An old talk', createdAt, updatedAt: createdAt, messages: [{ id: 'm1', role: 'user', content: 'Where do hedgehogs sleep?', createdAt }] }]
	});
});
test.afterAll(() => server.stop());
test.beforeEach(({ page }) => openApp(page, server, '/parameters'));
test.afterEach(({ page }) => expectQuiet(page));

const field = (page: Page) => page.getByRole('combobox', { name: 'Type a page' });

test('goes to a page and to a conversation by a word in it', async ({ page }) => {
	await expect(page.getByRole('heading', { name: 'Parameters', level: 1 })).toBeVisible();
	await page.keyboard.press('Control+k');
	await expect(field(page)).toBeFocused();
	await expectAccessible(page, '[role=dialog]');
	await field(page).pressSequentially('mod');
	await expect(page.getByRole('listbox').getByRole('option', { name: 'Models' })).toHaveAttribute('aria-selected', 'true');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/models$/);
	await page.keyboard.press('Control+k');
	await field(page).fill('hedgehogs');
	await expect(page.getByRole('listbox').getByRole('option', { name: 'An old talk' })).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/chat\/c1/);
	await expect(page.getByRole('article')).toContainText('hedgehogs');
	await page.keyboard.press('Control+k');
	await field(page).fill('no such thing');
	await expect(page.getByText('Nothing is called that')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(field(page)).toBeHidden();
});

test('keys go to pages and to the message box, and ? lists them', async ({ page }) => {
	await expect(page.getByRole('heading', { name: 'Parameters', level: 1 })).toBeVisible();
	await page.keyboard.press('?');
	const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
	await expect(sheet).toContainText('Send the message');
	await expectAccessible(page, '[role=dialog]');
	await page.keyboard.press('Escape');
	await expect(sheet).toBeHidden();
	await page.keyboard.press('g');
	await page.keyboard.press('m');
	await expect(page).toHaveURL(/\/models$/);
	await page.keyboard.press('Control+Shift+O');
	await expect(page).toHaveURL(/\/chat$/);
	await page.getByRole('heading', { level: 1 }).click();
	await page.keyboard.press('/');
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
	await page.keyboard.press('g');
	await page.keyboard.press('?');
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('g?');
});
