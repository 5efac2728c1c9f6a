import { expectAccessible, expectQuiet, openApp, watchConsole } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { call } from '../support/call.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { trpcClient } from '../support/trpc-client.ts';

const settings = { RATE_LIMIT_LOGIN: '0', RATE_LIMIT_IP: '0' };
let common: RunningServer;
/** the common one, or one for a test alone that changes the administrator's password or counts what was done */
let server: RunningServer;
test.beforeAll(async () => void (common = await startServer(settings)));
test.beforeEach(() => void (server = common));
test.afterEach(async () => {
	if (server !== common) await server.stop();
});
test.afterAll(() => common.stop());

/** The page's own path; the server's is everywhere the same. */
const path = (page: Page) => page.url().slice(server.url.length);

test('signs in by keyboard, says what was wrong, and goes where one wanted to go', async ({ page }) => {
	watchConsole(page);
	await page.goto(`${server.url}/models?register`);
	await expect(page).toHaveTitle(/Sign in/);
	await expect(page.getByText('sign in as admin with the password “admin”')).toBeVisible();
	await expect(page.getByLabel('User name')).toBeFocused();
	await expectAccessible(page);
	await page.keyboard.type('admin');
	await page.keyboard.press('Tab');
	await page.keyboard.type('wrong');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toHaveText('The user name or the password is wrong.');
	await expect(page.getByLabel('User name')).toHaveValue('admin');
	await expectAccessible(page);
	await page.getByLabel('Password').fill('admin');
	await page.keyboard.press('Enter');
	await page.getByRole('link', { name: 'Later' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
	expect(path(page)).toBe('/models?register');
	expectQuiet(page, /status of 401/);
});

test('leads from the default password over one’s own to a chat, and only once', async ({ page }) => {
	server = await startServer(settings);
	watchConsole(page);
	await page.goto(server.url);
	await page.getByLabel('User name').fill('admin');
	await page.getByLabel('Password').fill('admin');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: 'Choose a password' })).toBeVisible();
	await expect(page.getByLabel('New password')).toBeFocused();
	await expectAccessible(page);
	await page.keyboard.type('a password of my own');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('heading', { level: 1, name: 'New chat' })).toBeAttached();
	expect(path(page)).toBe('/chat');
	await expect(page.getByRole('link', { name: 'Change it' })).toHaveCount(0);
	await page.goto(`${server.url}/login/password?to=%2Fmodels`);
	expect(path(page)).toBe('/models');
	await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
	expect((await call(server, 'POST', '/api/auth/login', { username: 'admin', password: 'admin' })).status).toBe(401);
	expectQuiet(page);
});

test('does not let a foreign page choose the password', async ({ page }) => {
	const { cookie } = await signIn(server);
	const post = (origin: string) => page.request.post(`${server.url}/login/password`, { headers: { cookie, origin }, form: { password: 'a foreign password' }, maxRedirects: 0 });
	expect((await post('https://evil.example')).status()).toBe(403);
	expect((await signIn(server)).user.username).toBe('admin');
});

test('signs in without scripts', async ({ browser }) => {
	server = await startServer(settings);
	const page = await browser.newPage({ javaScriptEnabled: false });
	await page.goto(`${server.url}/login?to=%2Fmodels`);
	await page.getByLabel('User name').fill('admin');
	await page.getByLabel('Password').fill('wrong');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('alert')).toHaveText('The user name or the password is wrong.');
	await page.getByLabel('Password').fill('admin');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByLabel('New password').fill('short');
	await page.getByRole('button', { name: 'Set password' }).click();
	expect(path(page)).toBe('/login/password?to=%2Fmodels'); // the browser asks for more
	await page.getByLabel('New password').fill('a password of my own');
	await page.getByRole('button', { name: 'Set password' }).click();
	await expect.poll(() => path(page)).toBe('/models');
	await page.close();
});

test('never goes to another site after signing in', async ({ page }) => {
	await page.goto(`${server.url}/login?to=${encodeURIComponent('//evil.example/x')}`);
	await page.getByLabel('User name').fill('admin');
	await page.getByLabel('Password').fill('admin');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByRole('link', { name: 'Later' }).click();
	await expect.poll(() => path(page)).toBe('/chat');
	// The session is known by the browser that posted the form, not by the server that passed it on.
	const sessions = await trpcClient(server, await signIn(server)).auth.sessions.query();
	expect(sessions.map(({ userAgent, ip }) => [/Chrome/.test(userAgent), ip])).toContainEqual([true, '127.0.0.1']);
});

test('tells of the default password until it is changed, which ends the other sessions and not this one', async ({ page }) => {
	server = await startServer(settings);
	const elsewhere = await signIn(server);
	await openApp(page, server, '/models');
	await expect(page.getByRole('link', { name: 'Change it' })).toHaveAttribute('href', '/login/password?to=%2Fmodels');
	await page.getByRole('link', { name: 'Settings' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: '127.0.0.1' })).toHaveCount(2);
	await expectAccessible(page);
	await page.getByLabel('Current password').fill('admin');
	await page.getByLabel('New password').fill('short');
	await page.getByRole('button', { name: 'Change password' }).click();
	await expect(page.getByText('At least 8 characters.')).toHaveClass(/text-error/);
	await page.getByLabel('New password').fill('a password of my own');
	await page.getByRole('button', { name: 'Change password' }).click();
	await expect(page.getByText('The password is changed')).toBeVisible();
	await expect(page.getByRole('listitem').filter({ hasText: '127.0.0.1' })).toHaveCount(1);
	await expect(page.getByRole('listitem').filter({ hasText: 'This one' })).toContainText('Chrome');
	expect((await elsewhere.fetch('/api/conversations')).status).toBe(401);
	await page.goto(`${server.url}/models`);
	await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
	await expect(page.getByRole('link', { name: 'Change it' })).toBeHidden();
	expectQuiet(page);
});

test('the notice can be put away', async ({ page }) => {
	await openApp(page, server, '/models');
	const notice = page.getByRole('complementary').filter({ hasText: 'default password' });
	await notice.getByRole('button', { name: 'Close' }).click();
	await expect(notice).toBeHidden();
	await page.reload();
	await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
	await expect(notice).toBeHidden();
});

test('makes an API key that works until it is revoked', async ({ page }) => {
	await openApp(page, server, '/settings');
	await page.getByRole('button', { name: 'New key' }).click();
	await page.getByLabel('Name').fill('laptop');
	await page.getByRole('button', { name: 'Create key' }).click();
	const key = await page.getByRole('dialog').getByText(/^lr_/).innerText();
	const withKey = () => call(server, 'GET', '/api/conversations', undefined, { authorization: `Bearer ${key}` });
	expect((await withKey()).status).toBe(200);
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Done' }).click();
	await page.reload();
	const row = page.getByRole('listitem').filter({ hasText: 'laptop' });
	await expect(row).toContainText('last used');
	expect(await page.content()).not.toContain(key);
	await row.getByRole('button', { name: 'Revoke laptop' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
	await expect(page.getByText('No key yet.')).toBeVisible();
	expect((await withKey()).status).toBe(401);
	expectQuiet(page);
});

test('goes back to signing in when the session was ended elsewhere', async ({ page }) => {
	await openApp(page, server, '/models');
	await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
	const admin = trpcClient(server, await signIn(server));
	for (const { id, current } of await admin.auth.sessions.query()) if (!current) await admin.auth.revokeSession.mutate({ id });
	await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
	expect(path(page)).toBe('/login?to=%2Fmodels');
});

test('signs out', { tag: '@phone' }, async ({ page, isMobile }) => {
	await openApp(page, server, '/models');
	await page.getByRole('button', { name: isMobile ? 'More' : 'admin' }).click();
	await page.getByRole('menuitem', { name: 'Sign out' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
	await page.goto(`${server.url}/chat`);
	await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('an administrator creates, changes, disables and removes users', { tag: '@phone' }, async ({ page, isMobile }) => {
	await openApp(page, server, '/users');
	await page.getByRole('button', { name: 'New user' }).click();
	await page.getByLabel('User name').fill('bob');
	await page.getByLabel('Password').fill('a long password');
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Create user' }).click();
	await expect(page.getByText('bob can sign in now')).toBeVisible();
	expect((await signIn(server, 'bob', 'a long password')).user.role).toBe('user');

	const row = isMobile ? page.getByRole('main').getByRole('listitem').filter({ hasText: 'bob' }) : page.getByRole('row', { name: /bob/ });
	await row.getByLabel('Role of bob').selectOption('admin');
	await expect.poll(async () => (await signIn(server, 'bob', 'a long password')).user.role).toBe('admin');
	await expectAccessible(page);

	const choose = async (item: string) => {
		await row.getByRole('button', { name: 'Actions for bob' }).click();
		await page.getByRole('menuitem', { name: item }).click();
	};
	await choose('Set password');
	await page.getByRole('dialog').getByLabel('New password').fill('another password');
	await page.getByRole('dialog').getByRole('button', { name: 'Set password' }).click();
	await expect(page.getByText('bob has a new password')).toBeVisible();
	await choose('Disable');
	await expect(row).toContainText('Disabled');
	expect((await call(server, 'POST', '/api/auth/login', { username: 'bob', password: 'another password' })).status).toBe(401);
	await choose('Remove');
	await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
	await expect(row).toBeHidden();
	expectQuiet(page);
});

test('a plain user is told that users are not theirs to see, and finds no link to them', async ({ page }) => {
	await trpcClient(server, await signIn(server)).users.create.mutate({ username: 'carol', password: 'a long password', role: 'user' });
	await page.goto(`${server.url}/login?to=%2Fusers`);
	await page.getByLabel('User name').fill('carol');
	await page.getByLabel('Password').fill('a long password');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('alert')).toContainText('Only an administrator may do this');
	await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0);
	await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'New user' })).toHaveCount(0);
});

test('the audit trail tells an administrator who did what, from where, and finds it again', { tag: '@deep' }, async ({ page, isMobile }) => {
	server = await startServer(settings);
	await call(server, 'POST', '/api/auth/login', { username: 'mallory', password: 'a guess' });
	for (let i = 1; i <= 60; i++) await call(server, 'POST', '/api/config', { models: { maxConcurrent: i } });
	await openApp(page, server, '/audit');
	const entries = isMobile ? page.getByRole('main').getByRole('listitem') : page.getByRole('row').filter({ has: page.getByRole('button') });
	await expect(entries).toHaveCount(50);
	await expect(entries.first()).toContainText('Sign in');
	await expect(entries.first()).toContainText('127.0.0.1');
	await expect(entries.nth(1)).toContainText('not signed in');
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Show older entries' }).click();
	await expect(entries).toHaveCount(62);
	await expect(page.getByRole('button', { name: 'Show older entries' })).toHaveCount(0);
	await entries.nth(1).getByRole('button', { name: 'Change the configuration' }).click();
	await expect(page.getByRole('definition').filter({ hasText: '"maxConcurrent": 60', visible: true })).toBeVisible();
	await expectAccessible(page);

	await page.getByLabel('Action').selectOption('Signing in and passwords');
	await page.getByLabel('Outcome').selectOption('Refused');
	await expect(entries).toHaveCount(1);
	await expect(entries).toContainText('mallory');
	await page.getByLabel('Outcome').selectOption('All outcomes');
	await expect(entries).toHaveCount(2);
	await entries.first().getByRole('link', { name: 'admin' }).click();
	await expect(entries).toHaveCount(1);
	await page.reload();
	await expect(page.getByLabel('Who')).toHaveValue('admin');
	await page.getByLabel('Time').selectOption('Choose days');
	await page.getByLabel('To day').fill('2020-01-01');
	await expect(page.getByRole('heading', { name: 'No entry matches' })).toBeVisible();
	await page.getByRole('main').getByRole('button', { name: 'Clear the filter' }).first().click();
	await expect(entries).toHaveCount(50);
	expectQuiet(page);
});

test('the settings say what is set, from where, and what access means, and keep secrets', async ({ page }) => {
	await openApp(page, server, '/settings');
	const open = (name: string) => page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name }).click();
	await open('Configuration');
	await page.getByLabel('Models loaded at once').fill('65');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toContainText('models.maxConcurrent must be a whole number from 1 to 64');
	await page.getByLabel('Models loaded at once').fill('5');
	await page.keyboard.press('Enter');
	await expect(page.getByText('The configuration is saved')).toBeVisible();
	await expect(page.getByText('Database', { exact: true })).toHaveCount(1);
	await expect(page.getByText('LM_STUDIO_URL')).toBeVisible();
	await page.getByRole('switch').click();
	await expect(page.getByText('RATE_LIMIT_LOGIN')).toBeVisible();
	await expect(page.getByText('JWT_SECRET')).toHaveCount(0);
	await expectAccessible(page);
	await open('Access');
	await expect(page.getByRole('row', { name: /Manage users/ })).toBeVisible();
	await expect(page.getByText('API_ACCESS=auto', { exact: false }).first()).toBeVisible();
	await expectAccessible(page);
	await open('About');
	await expect(page.getByText('node-llama-cpp').first()).toBeVisible();
	await expect(page.getByText(/SQLite 3\./)).toBeVisible();
	await expectAccessible(page);
	await open('Appearance');
	await page.getByRole('radio', { name: 'Dark' }).check();
	await expect(page.locator('html')).toHaveClass(/dark/);
	await expectAccessible(page);
	await page.getByRole('radio', { name: 'Français' }).check();
	await expect(page.getByRole('heading', { level: 1, name: 'Réglages' })).toBeVisible();
	await page.reload();
	await expect(page.getByRole('radio', { name: 'Sombre' })).toBeChecked();
	await expect(page).toHaveTitle(/^Apparence · Réglages/);
	expectQuiet(page, /status of 400/);
});
