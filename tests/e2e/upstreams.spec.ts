import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../support/fake-lm-studio/fake-lm-studio.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { trpcClient } from '../support/trpc-client.ts';

let server: RunningServer;
let lab: FakeLmStudio;
test.beforeAll(async () => {
	lab = await startFakeLmStudio({ name: 'lab', apiKey: 'sk-lab', models: [{ key: 'lab-model' }, { key: 'lab-embedding', type: 'embedding' }] });
	server = await startServer({ RATE_LIMIT_LOGIN: '0' });
});
test.afterAll(async () => {
	await server.stop();
	await lab.stop();
});

test('adds an upstream, mends its key, chats with its model, and removes it', async ({ page, isMobile }) => {
	await openApp(page, server, '/models');
	const section = page.getByRole('region', { name: 'Upstream servers' });
	const row = (name: string) => section.getByRole(isMobile ? 'listitem' : 'row').filter({ hasText: name }).first();
	await expect(row('lm-studio')).toContainText('Down');
	await expect(section).toContainText('The upstream lm-studio is not running');

	await section.getByRole('button', { name: 'Add upstream' }).click();
	const dialog = page.getByRole('dialog', { name: 'Add upstream' });
	await dialog.getByLabel('Address').fill('ftp://lab');
	await dialog.getByLabel('Name').fill('lab');
	await dialog.getByLabel('Kind').selectOption('LM Studio');
	await dialog.getByLabel('API key').fill('sk-wrong');
	await dialog.getByRole('button', { name: 'Add upstream' }).click();
	await expect(dialog.getByRole('alert')).toContainText('must begin with http:// or https://');
	await expectAccessible(page);
	await dialog.getByLabel('Address').fill(lab.url);
	await dialog.getByRole('button', { name: 'Add upstream' }).click();
	await expect(dialog).toBeHidden();
	await expect(row('lab')).toContainText('Down');
	await expect(section).toContainText('refuses our credentials');

	await section.getByRole('button', { name: 'Actions for lab' }).click();
	await page.getByRole('menuitem', { name: 'Edit' }).click();
	const editing = page.getByRole('dialog', { name: 'Edit lab' });
	await expect(editing.getByLabel('API key')).toHaveValue('');
	await editing.getByLabel('API key').fill('sk-lab');
	await editing.getByRole('button', { name: 'Save' }).click();
	await expect(row('lab')).toContainText('Answers');
	await expect(row('lab')).toContainText(isMobile ? '2 models' : '2');
	await expectAccessible(page);

	await page.getByRole('link', { name: 'Chat', exact: true }).click();
	await expect(page.getByRole('main')).not.toContainText('lab-embedding');
	await page.getByRole('textbox', { name: 'Message' }).fill('hello');
	await page.getByRole('textbox', { name: 'Message' }).press('Enter');
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText('lab says hello');

	await page.goto(`${server.url}/models`);
	await section.getByRole('button', { name: 'Actions for lab' }).click();
	await page.getByRole('menuitem', { name: 'Remove' }).click();
	await page.getByRole('dialog', { name: 'Remove lab?' }).getByRole('button', { name: 'Remove' }).click();
	await expect(section.getByRole('button', { name: 'Actions for lab' })).toBeHidden();
	expectQuiet(page, /status of 400/);
});

test('a user sees which servers answer, without addresses or buttons', async ({ page }) => {
	const admin = trpcClient(server, await signIn(server));
	await admin.users.create.mutate({ username: 'ann', password: 'correct horse battery' });
	await page.request.post(`${server.url}/api/auth/login`, { data: { username: 'ann', password: 'correct horse battery' } });
	await page.goto(`${server.url}/models`);
	const section = page.getByRole('region', { name: 'Upstream servers' });
	await expect(section).toContainText('lm-studio');
	await expect(section.getByRole('button')).toHaveCount(0);
	await expect(section).not.toContainText('127.0.0.1');
});
