import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
test.beforeAll(async () => void (server = await startChatServer({ RATE_LIMIT_IP: '0' })));
test.afterAll(() => server.stop());

const ask = () => server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Hello.' }], stream: false, temperature: 0 });
const chart = (page: Page, title: string) => page.getByRole('figure').filter({ has: page.getByText(title, { exact: true }) });

test('the dashboard shows what happens, as it happens', async ({ page }) => {
	await openApp(page, server, '/dashboard');
	await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
	await expect(page.getByText('0 of 2')).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: 'The administrator has the default password' }).getByRole('link', { name: 'Change it' })).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: 'does not answer' }).getByRole('link', { name: 'Open upstreams' })).toBeVisible();
	await expect(page.getByText('Live', { exact: true })).toBeVisible();
	await ask();
	await expect(page.getByText('1 of 2')).toBeVisible();
	await expect(page.getByText('Done').filter({ visible: true }).first()).toBeVisible();
	for (const title of ['CPU', 'Requests']) await expect(chart(page, title).locator('canvas')).toBeVisible();
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

test('monitoring moves with time, and one crosshair goes through every chart, by keyboard too', async ({ page }) => {
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

test('a part of the time is chosen by dragging in one chart, for all of them, and all of it by a double click', { tag: '@deep' }, async ({ page }) => {
	await openApp(page, server, '/monitoring');
	const cpu = chart(page, 'CPU').getByRole('slider');
	const points = async (title: string) => Number(await chart(page, title).getByRole('slider').getAttribute('aria-valuemax'));
	await expect.poll(() => points('CPU')).toBeGreaterThan(10);
	const over = cpu.locator('.u-over');
	const { x, y, width, height } = (await over.boundingBox())!;
	await page.mouse.move(x + width - 40, y + height / 2);
	await page.mouse.down();
	await page.mouse.move(x + width - 10, y + height / 2, { steps: 4 });
	await page.mouse.up();
	const reset = page.getByRole('button', { name: 'Reset zoom' });
	await expect(reset).toBeVisible();
	const zoomed = await points('CPU');
	expect(await points('Memory')).toBe(zoomed);
	await expectAccessible(page);
	await over.dblclick();
	await expect(reset).toHaveCount(0);
	await expect.poll(() => points('Memory')).toBeGreaterThan(zoomed);
	await cpu.focus();
	await page.keyboard.press('+');
	await expect(reset).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(reset).toHaveCount(0);
	expectQuiet(page);
});
