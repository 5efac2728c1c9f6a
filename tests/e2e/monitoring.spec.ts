import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { expectQuiet, openApp } from '../support/app-page.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
test.beforeAll(async () => void (server = await startChatServer({ RATE_LIMIT_IP: '0' })));
test.afterAll(() => server.stop());

const ask = () => server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Hello.' }], stream: false, temperature: 0 });
const chart = (page: Page, title: string) => page.getByRole('figure').filter({ hasText: title });
const expectAccessible = async (page: Page) => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

test('the dashboard shows what happens, as it happens', { tag: '@phone' }, async ({ page }) => {
	await openApp(page, server, '/dashboard');
	await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
	await expect(page.getByText('0 of 2')).toBeVisible();
	await expect(page.getByText('The administrator has the default password')).toBeVisible();
	await ask();
	await expect(page.getByText('1 of 2')).toBeVisible();
	await expect(page.getByText('Done').filter({ visible: true }).first()).toBeVisible();
	await expect(chart(page, 'CPU').locator('canvas')).toBeVisible();
	await expect(chart(page, 'Memory')).toContainText('scripted');
	await expectAccessible(page);
	expectQuiet(page);
});

test('an answer of the dashboard leads to the log of its request', async ({ page }) => {
	await ask();
	await openApp(page, server, '/dashboard');
	await page.getByRole('button', { name: 'Log of this request' }).filter({ visible: true }).first().click();
	await expect(page.getByRole('listbox').getByRole('option').filter({ hasText: 'POST /api/chat 200' })).toBeVisible();
	await expect(page.getByRole('listbox').getByRole('option').filter({ hasText: 'scripted answered with' })).toBeVisible();
	await expect(page.getByRole('listbox').getByRole('option')).toHaveCount(2);
});

test('monitoring moves with time, and one crosshair goes through every chart, by keyboard too', { tag: '@phone' }, async ({ page }) => {
	await openApp(page, server, '/monitoring');
	const cpu = chart(page, 'CPU').getByRole('slider');
	await expect(chart(page, 'CPU').locator('canvas')).toBeVisible();
	const points = async () => Number(await cpu.getAttribute('aria-valuemax'));
	const before = await points();
	await expect.poll(points, { timeout: 6000 }).toBeGreaterThan(before);
	await cpu.focus();
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowRight');
	await expect(cpu).toHaveAttribute('aria-valuenow', '1');
	await expect(chart(page, 'Requests').getByRole('slider')).toHaveAttribute('aria-valuenow', '1');
	await expect(cpu).toHaveAttribute('aria-valuetext', /\d\d:\d\d:\d\d, CPU [\d.]+%/);
	await expectAccessible(page);
	expectQuiet(page);
});

test('the past stands in the address, and says so when there is none yet', async ({ page }) => {
	await openApp(page, server, '/monitoring');
	await page.getByRole('link', { name: '30 days' }).click();
	await expect(page).toHaveURL(/range=720/);
	await expect(page.getByRole('heading', { name: 'Nothing measured yet' }).or(chart(page, 'CPU'))).toBeVisible();
	await page.reload();
	await expect(page.getByRole('link', { name: '30 days' })).toHaveAttribute('aria-current', 'true');
});
