import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import type * as client from '../../src/client.ts';
import { call } from '../support/call.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
test.beforeAll(async () => {
	server = await startChatServer({ RATE_LIMIT_IP: '0' });
	await server.trpc.config.update.mutate({ models: { defaultModel: 'scripted' } });
});
test.afterAll(() => server.stop());

test('a key in one click goes into the lines of every client', async ({ page, isMobile }) => {
	await openApp(page, server, '/connect');
	const lines = page.getByRole('figure');
	await expect(lines).toContainText('YOUR_API_KEY');
	await expect(lines).toContainText(`${server.url}/v1/chat/completions`);
	await page.getByRole('button', { name: 'Create a key' }).click();
	await expect(lines).toContainText('Bearer lr_');
	await expectAccessible(page, 'main');
	const key = /lr_[\w-]+/.exec(await lines.innerText())![0];
	const answer = await call(server, 'POST', '/v1/chat/completions', { model: 'scripted', messages: [{ role: 'user', content: 'Hello' }], temperature: 0 }, { authorization: `Bearer ${key}` });
	expect(answer.body.choices[0].message.content).toBe(sentence);
	await page.getByLabel('Model').selectOption('endless');
	await expect(lines).toContainText('"model":"endless"');

	if (isMobile) await page.getByRole('combobox', { name: 'Clients' }).selectOption('Claude Code');
	else await page.getByRole('navigation', { name: 'Clients' }).getByRole('link', { name: 'Claude Code' }).click();
	await expect(page).toHaveURL(/client=claude-code/);
	await expect(lines).toContainText(`ANTHROPIC_BASE_URL=${server.url}\nexport ANTHROPIC_AUTH_TOKEN=${key}\nexport ANTHROPIC_MODEL=endless`);
	await page.reload();
	await expect(lines).toContainText('YOUR_API_KEY');
	expectQuiet(page);
});

test('the API reference shows an operation and tries it', async ({ page, isMobile }) => {
	await openApp(page, server, '/connect');
	await page.getByRole('link', { name: 'API reference' }).click();
	await page.getByLabel('Filter operations').fill('chat compl');
	await page.getByRole('link', { name: '/v1/chat/completions' }).click();
	await expect(page.getByText('messages: {').first()).toBeVisible();
	const body = page.getByLabel('JSON body');
	await expect(body).toHaveValue(/"model": "scripted"/);
	await body.fill('{"model": "scripted", "messages": [{"role": "user", "content": "Hello"}], "temperature": 0');
	await page.getByRole('button', { name: 'Send request' }).click();
	await expect(page.getByRole('alert')).toContainText('This is not JSON');
	await body.press('End');
	await body.pressSequentially('}');
	await page.getByRole('button', { name: 'Send request' }).click();
	const tried = page.getByRole('region', { name: 'Try it' });
	await expect(tried.getByRole('status')).toContainText('200');
	await expect(page.getByLabel('Answer', { exact: true })).toContainText(sentence);

	if (isMobile) await page.getByRole('link', { name: 'All operations' }).click();
	await page.getByLabel('Filter operations').fill('/api/parameters/category');
	await page.getByRole('link', { name: 'Read a parameter' }).click();
	await expect(page.getByRole('textbox', { name: 'paramName' })).toHaveValue('temperature');
	await page.getByRole('button', { name: 'Send request' }).click();
	await expect(page.getByLabel('Answer', { exact: true })).toContainText('"parameter": "temperature"');
	await expectAccessible(page, 'main');
	expectQuiet(page);
});

test('the typed client works in a page of the server, by its cookie', async ({ page }) => {
	const body = readFileSync(resolve(import.meta.dirname, '../../build/typed-client/index.js'), 'utf8');
	await page.route('**/typed-client.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
	await openApp(page, server, '/connect');
	const seen = await page.evaluate(async () => {
		const { createClient } = (await import(`${location.origin}/typed-client.js`)) as typeof client;
		const own = createClient(location.origin);
		const [me, config] = await Promise.all([own.auth.me.query(), own.config.get.query()]);
		const { answerId } = await own.chat.start.mutate({ messages: [{ role: 'user', content: 'Hello' }], temperature: 0, store: false });
		let text = '';
		for await (const { data } of own.chat.events.subscribe({ answerId })) {
			if (data.type === 'text') text += data.text;
			if (data.type === 'finish') break;
		}
		return { username: me.username, isDate: me.createdAt instanceof Date, model: config.models.defaultModel, text };
	});
	expect(seen).toEqual({ username: 'admin', isDate: true, model: 'scripted', text: sentence });
	expectQuiet(page);
});
