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

/** What the frame leads to, and what it does not. */
const framed = ['/chat', '/dashboard', '/models', '/monitoring', '/logs', '/parameters', '/connect', '/settings', '/users', '/audit'];
const further = () => [`/chat/${conversationId}`, '/connect/api', '/settings/appearance', '/settings/configuration', '/settings/access', '/settings/about', '/login/password'];

/** Twenty pages, one after the other: on a busy machine they take longer than a journey may. */
const walkMs = 400_000;

/** Opens a path as a new page, waits until it has read what it shows, and looks at it in both themes. */
async function look(page: Page, path: string): Promise<void> {
	await page.goto(server.url + path);
	await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
	await page.waitForLoadState('networkidle');
	await test.step(path, () => expectAccessible(page));
	expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${path} is wider than the window`).toBeLessThanOrEqual(0);
}

test('no page has a barrier in either theme, is wider than the window, or says anything in the console', { tag: '@phone' }, async ({ page, isMobile }) => {
	test.setTimeout(walkMs);
	await openApp(page, server);
	await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link').first()).toBeVisible();
	const links = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
	if (!isMobile) expect(links.filter((link) => !link.startsWith('/chat/')).sort()).toEqual([...framed].sort());
	for (const path of [...framed, ...further()]) await look(page, path);
	await page.context().clearCookies();
	await look(page, '/login');
	expectQuiet(page);
});
