import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { call } from '../support/call.ts';
import { scriptedModel } from '../support/models.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

let server: RunningServer;
const valueOf = async (name: string) => (await call(server, 'GET', `/api/parameters/category/${name}`)).body.value;
const line = (page: Page, name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
/** The control of a parameter; its reset has the name in its label too. */
const field = (page: Page, name: string) => line(page, name).getByLabel(name, { exact: true });

test.beforeAll(async () => {
	server = await startServer({ LOG_LEVEL: 'info', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' });
	await call(server, 'POST', '/api/models', { models: [{ name: 'welcome', path: scriptedModel(server.modelsDir, { sentence: 'Welcome aboard.' }) }] });
});
test.afterAll(() => server.stop());
test.beforeEach(async () => void (await call(server, 'POST', '/trpc/parameters.reset', { json: {} })));

test('set, see what differs, reset and take the reset back', async ({ page }) => {
	await openApp(page, server, '/parameters');
	const temperature = line(page, 'temperature');
	await expect(temperature).toContainText('0 – 2 · default 0.7');
	await field(page, 'temperature').fill('0.2');
	await field(page, 'temperature').press('Enter');
	await expect(temperature.getByText('Set', { exact: true })).toBeVisible();
	expect(await valueOf('temperature')).toBe(0.2);

	await page.getByRole('switch', { name: /Only what is set here/ }).click();
	await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
	await temperature.getByRole('button', { name: 'Reset temperature to 0.7' }).click();
	await expect(page.getByText('Nothing is set here')).toBeVisible();
	expect(await valueOf('temperature')).toBe(0.7);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(field(page, 'temperature')).toHaveValue('0.2');
	expectQuiet(page);
});

test('a value out of bounds is refused beside its field, in words', async ({ page }) => {
	await openApp(page, server, '/parameters');
	const tokens = line(page, 'maxTokens');
	await field(page, 'maxTokens').fill('0');
	await field(page, 'maxTokens').blur();
	await expect(tokens.getByRole('alert')).toHaveText('maxTokens must be a whole number from 1 to 131072');
	await field(page, 'maxTokens').fill('64');
	await field(page, 'maxTokens').blur();
	await expect(tokens.getByRole('alert')).toBeHidden();
	expect(await valueOf('maxTokens')).toBe(64);
	expectQuiet(page, /status of 400/);
});

test('every kind of value can be set', async ({ page }) => {
	await openApp(page, server, '/parameters');
	await line(page, 'flashAttention').getByRole('switch').click();
	await line(page, 'kvCacheType').getByRole('combobox').selectOption('q8_0');
	const stop = field(page, 'stop');
	await stop.fill('###');
	await stop.press('Enter');
	await expect(line(page, 'stop').getByText('###', { exact: true })).toBeVisible();
	await stop.fill('\\nUser:');
	await stop.press('Enter');
	await line(page, 'stop').getByRole('button', { name: 'Remove “###”' }).click();
	await expect.poll(() => valueOf('stop')).toEqual(['\nUser:']);
	await expect.poll(() => valueOf('flashAttention')).toBe(false);
	await expect.poll(() => valueOf('kvCacheType')).toBe('q8_0');
	const threads = field(page, 'threads');
	await threads.fill('1');
	await threads.blur();
	await expect.poll(() => valueOf('threads')).toBe(1);
	await threads.fill('');
	await threads.blur();
	await expect.poll(() => valueOf('threads')).toBeNull();
	expectQuiet(page);
});

test('one model has its own values, and goes back to those for all', async ({ page }) => {
	await openApp(page, server, '/parameters');
	await page.getByLabel('Values for').selectOption('welcome');
	await expect(page).toHaveURL(/\?model=welcome$/);
	await expect(page.getByText('queueLimit', { exact: true })).toBeHidden();
	const temperature = line(page, 'temperature');
	await field(page, 'temperature').fill('0.1');
	await field(page, 'temperature').blur();
	await expect(temperature.getByText('Set', { exact: true })).toBeVisible();
	expect(await valueOf('temperature')).toBe(0.7);
	await page.getByRole('button', { name: 'Reset all' }).click();
	await expect(field(page, 'temperature')).toHaveValue('0.7');
	expectQuiet(page);
});

test('another page follows, and what the environment decides is locked', async ({ page, browser }) => {
	await openApp(page, server, '/parameters');
	const level = line(page, 'logLevel');
	await expect(level.getByText('Set by LOG_LEVEL')).toBeVisible();
	await expect(level.getByRole('combobox')).toBeDisabled();
	const other = await (await browser.newContext()).newPage();
	await openApp(other, server, '/parameters');
	await field(other, 'topK').fill('7');
	await field(other, 'topK').blur();
	await expect(field(page, 'topK')).toHaveValue('7');
	await other.context().close();
	expectQuiet(page);
});

test('axe finds nothing', async ({ page }) => {
	await call(server, 'PUT', '/api/parameters/category/stop', { value: ['###'] });
	await openApp(page, server, '/parameters');
	await expect(line(page, 'stop')).toContainText('###');
	await field(page, 'maxTokens').fill('0');
	await field(page, 'maxTokens').blur();
	await expect(line(page, 'maxTokens').getByRole('alert')).toBeVisible();
	await expectAccessible(page);
});
