import { chooseModel, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test } from '../support/browser-test.ts';
import { startChatServer } from '../support/chat-server.ts';
import { startServer } from '../support/start-server.ts';

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
	test(`says when the server is lost (${signal}), keeps what was said, and goes on quietly when it is back`, signal === 'SIGKILL' ? { tag: '@deep' } : {}, async ({ page }) => {
		const first = await startChatServer({}, { contextLength: 32_768, maxTokens: 32_000, parallelSlots: 1, temperature: 0 });
		await openApp(page, first);
		const box = page.getByRole('textbox', { name: 'Message' });
		const answer = page.getByRole('article', { name: 'Answer' });
		await chooseModel(page, 'endless');
		await box.fill('Never end');
		await box.press('Enter');
		await expect.poll(async () => (await answer.locator('.markdown').innerText()).length).toBeGreaterThan(100);
		const said = (await answer.locator('.markdown').innerText()).slice(0, 40);

		await first.stop({ signal, keepData: true });
		await expect(page.getByText('The server does not answer')).toBeVisible();
		const second = await startServer({ DATA_DIR: first.dataDir, PORT: String(first.port), RATE_LIMIT_USER: '0' });
		try {
			await expect(page.getByText('The server does not answer')).toBeHidden({ timeout: 10_000 });
			await expect(answer.getByRole('alert')).toBeVisible();
			await expect(answer.locator('.markdown')).toContainText(said.trim().split(/\s+/).slice(0, 3).join(' '));
			await box.fill('Back again?');
			await box.press('Enter');
			await expect(answer.last().locator('.markdown')).toContainText(/\w/, { timeout: 20_000 }); // loads again and reads the whole conversation
			await page.getByRole('button', { name: 'Stop', exact: true }).click();
			await expect(answer.last()).toContainText('Stopped');
			// The browser itself notes each connection that is refused.
			expectQuiet(page, signal === 'SIGKILL' ? /ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection/ : /ERR_CONNECTION_REFUSED|WebSocket connection/);
		} finally {
			await second.stop();
		}
	});
