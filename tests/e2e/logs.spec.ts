import { readFileSync } from 'node:fs';
import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

let server: RunningServer;
test.beforeAll(async () => void (server = await startServer({ RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' })));
test.afterAll(() => server.stop());

const call = async (name: string, times = 1) => {
	for (let i = 0; i < times; i++) await fetch(`${server.url}/api/${name}`);
};
/** The drawn lines; a choice in a form has options too. */
const all = (page: Page) => page.getByRole('listbox', { name: 'Log lines' }).getByRole('option');
const lines = (page: Page, text: string | RegExp) => all(page).filter({ hasText: text });

test('lines come as they are logged, and the newest stays in sight', async ({ page }) => {
	await call('before', 60);
	await openApp(page, server, '/logs');
	await expect(lines(page, '/api/before').last()).toBeVisible();
	await call('after');
	await expect(lines(page, '/api/after')).toBeInViewport();
	expect(await all(page).count()).toBeLessThan(80); // of all lines only those in sight are drawn
	await expectAccessible(page);
	expectQuiet(page);
});

test('lines that come before the list’s own scrolling is told of do not end following', async ({ page }) => {
	await call('many', 60);
	await openApp(page, server, '/logs?text=many');
	await expect(lines(page, '/api/many').last()).toBeInViewport();
	// What a burst of lines does: the list is higher already when the event of its last scroll arrives.
	await page.getByRole('listbox', { name: 'Log lines' }).evaluate((list) => {
		const sized = list.firstElementChild as HTMLElement;
		const height = sized.style.height;
		sized.style.height = `${parseInt(height) + 500}px`;
		list.dispatchEvent(new Event('scroll'));
		sized.style.height = height;
	});
	await call('many-more');
	await expect(lines(page, '/api/many').last()).toHaveAttribute('aria-posinset', '61');
	await expect(lines(page, '/api/many').last()).toBeInViewport();
	await expect(page.getByRole('button', { name: 'Jump to the latest' })).toHaveCount(0);
	await page.getByRole('listbox', { name: 'Log lines' }).hover();
	await page.mouse.wheel(0, -400);
	await expect(page.getByRole('button', { name: 'Jump to the latest' })).toBeVisible();
});

test('filters stand in the address, by level, source, text and request', async ({ page }) => {
	await call('searched-1');
	await call('searched-2');
	await openApp(page, server, '/logs');
	await page.getByLabel('Search the logs').fill('SEARCHED');
	await expect(page).toHaveURL(/text=SEARCHED/);
	await expect(all(page)).toHaveCount(2);
	await lines(page, 'searched-2').click();
	await expect(page.getByRole('region', { name: /Line of/ })).toContainText('/api/{unknown}');
	await page.getByRole('region', { name: /Line of/ }).getByRole('link').click();
	await expect(page).toHaveURL(/request=[\w-]{36}/);
	await expect(all(page)).toHaveCount(1);
	await page.reload();
	await expect(lines(page, 'searched-2')).toBeVisible();
	await page.getByRole('button', { name: 'Show all requests' }).click();
	await page.getByLabel('Least important level').selectOption('warn');
	await expect(lines(page, 'default password')).toBeVisible();
	await expect(lines(page, 'Info')).toHaveCount(0);
	await page.getByLabel('Search the logs').fill('nowhere to be found');
	await expect(page.getByRole('heading', { name: 'No line matches' })).toBeVisible();
	await page.getByRole('button', { name: 'Clear the filter' }).click();
	await expect(page).toHaveURL(/\/logs$/);
});

test('pauses, goes on without losing a line, and is read by keyboard', { tag: '@phone' }, async ({ page }) => {
	await openApp(page, server, '/logs');
	await page.getByRole('button', { name: 'Pause' }).click();
	await call('paused', 3);
	await expect(page.getByRole('status').filter({ hasText: /Paused · \d+ new/ })).toBeVisible();
	await expect(lines(page, '/api/paused')).toHaveCount(0);
	await page.getByRole('button', { name: 'Go on' }).click();
	await expect(lines(page, '/api/paused')).toHaveCount(3);
	await page.getByRole('listbox').focus();
	await page.keyboard.press('ArrowUp');
	await expect(page.getByRole('listbox').getByRole('option', { selected: true })).toHaveCount(1);
	await expect(page.getByRole('region', { name: /Line of/ })).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('region', { name: /Line of/ })).toHaveCount(0);
});

test('goes back past what came first, and jumps to the latest', async ({ page }) => {
	await call('old', 700);
	await openApp(page, server, '/logs?text=old');
	await expect(lines(page, '/api/old').last()).toBeVisible();
	const total = async () => Number(await all(page).first().getAttribute('aria-setsize'));
	await expect.poll(total).toBe(500);
	await page.getByRole('listbox').focus();
	await page.keyboard.press('Home');
	await expect.poll(total).toBe(700);
	await page.getByRole('button', { name: 'Jump to the latest' }).click();
	await expect(page.getByRole('button', { name: 'Jump to the latest' })).toHaveCount(0);
});

test('downloads what is shown', async ({ page }) => {
	await call('downloaded');
	await openApp(page, server, '/logs?text=downloaded');
	const coming = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Download' }).click();
	const file = await (await coming).path();
	const rows = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { path: string });
	expect(rows.map((row) => row.path)).toEqual(['/api/downloaded']);
});
