import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
let conversationId: string;
test.beforeAll(async () => {
	server = await startChatServer({ RATE_LIMIT_IP: '0', GUIDE: 'on' });
	const answer = await server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Hello.' }], stream: false, temperature: 0 });
	conversationId = answer.headers.get('x-conversation-id')!;
});
test.afterAll(() => server.stop());

/** Pages that nothing of the frame leads to by itself. */
const further = () => [`/chat/${conversationId}`, '/connect/api', '/settings/appearance', '/settings/configuration', '/settings/access', '/settings/about', '/login/password'];

/** Twenty pages, one after the other: on a busy machine they take longer than a journey may. */
const walkMs = 400_000;

/** Opens a path as a new page, waits until it has read what it shows, and looks at it in both themes. */
async function look(page: Page, path: string): Promise<void> {
	await page.goto(server.url + path);
	await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
	await page.waitForLoadState('networkidle');
	await test.step(path, () => expectAccessible(page));
}

test('no page has a barrier in either theme, or says anything in the console', async ({ page }) => {
	test.setTimeout(walkMs);
	await openApp(page, server);
	const links = await page.getByRole('navigation').getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
	for (const path of [...links, ...further()]) await look(page, path);
	await page.context().clearCookies();
	await look(page, '/login');
	expectQuiet(page);
});
