import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

let server: RunningServer;
test.beforeAll(async () => {
	server = await startServer({ GUIDE: 'on' });
});
test.afterAll(() => server.stop());

test('the first page answers without any model: ask the guide in English and French, remove it, bring it back', async ({ page }) => {
	await openApp(page, server);
	await expect(page.getByRole('heading', { name: 'Ask the guide about this program' })).toBeVisible();
	await expect(page.getByText('It knows only this program, can be wrong')).toBeVisible();
	await expectAccessible(page);
	await page.getByRole('button', { name: 'How do I add a model?' }).click();
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toContainText('press "Register model"');

	await page.getByRole('textbox', { name: 'Message' }).fill('quelle est la capitale du Japon ?');
	await page.getByRole('textbox', { name: 'Message' }).press('Enter');
	await expect(page.getByRole('article', { name: 'Answer' }).nth(1).locator('.markdown')).toContainText('un petit guide intégré');

	await page.goto(`${server.url}/models`);
	await page.getByRole('button', { name: 'Actions for guide' }).filter({ visible: true }).click();
	await page.getByRole('menuitem', { name: 'Remove' }).click();
	await page.getByRole('button', { name: 'Restore the guide' }).click();
	await expect(page.getByRole('button', { name: 'Restore the guide' })).toBeHidden();
	await expect(page.getByText('guide', { exact: true }).filter({ visible: true }).first()).toBeVisible();
	expectQuiet(page);
});
