import { readFile } from 'node:fs/promises';
import { expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
test.beforeAll(async () => void (server = await startChatServer()));
test.afterAll(() => server.stop());
test.beforeEach(async ({ page }) => {
	for (const { id } of await server.trpc.conversations.list.query()) await server.trpc.conversations.remove.mutate({ id });
	const createdAt = new Date();
	const message = (id: string, parentId: string | null, role: 'user' | 'assistant', content: string) => ({ id, parentId, role, content, createdAt });
	const conversation = (name: string, title: string, said: string) => ({
		id: `c-${name}`, title, createdAt, updatedAt: createdAt,
		messages: [message(`${name}1`, null, 'user', 'Tell me.'), message(`${name}2`, `${name}1`, 'assistant', said)]
	});
	await server.trpc.conversations.import.mutate({
		format: 'llama-runner-conversations',
		version: 1,
		conversations: [conversation('foxes', 'About foxes', 'They cross the meadow at dusk.'), conversation('owls', 'About owls', 'They hear a mouse under the snow.')]
	});
	await openApp(page, server);
});
test.afterEach(({ page }) => expectQuiet(page));

const openList = async (page: Page, isMobile: boolean) => {
	if (isMobile && !(await page.getByRole('dialog').isVisible())) await page.getByRole('button', { name: 'Show the conversations' }).click();
};
const shown = (page: Page, title: string) => page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: title });
async function act(page: Page, title: string, action: string): Promise<void> {
	await shown(page, title).hover();
	await page.getByRole('button', { name: `Actions for ${title}` }).click();
	await page.getByRole('menuitem', { name: action }).click();
}

test('finds an old conversation by a word in it', { tag: '@phone' }, async ({ page, isMobile }) => {
	await openList(page, isMobile);
	await page.getByRole('searchbox', { name: 'Search' }).fill('meadow');
	await expect(page.getByText('1 conversation found')).toBeVisible();
	await expect(shown(page, 'About owls')).toBeHidden();
	await expect(shown(page, 'About foxes').locator('mark')).toHaveText('meadow');
	await expectAccessible(page);
	await shown(page, 'About foxes').click();
	await expect(page.getByRole('article', { name: 'Answer' })).toContainText('meadow');
});

test('renames, deletes, and takes the deletion back', async ({ page, isMobile }) => {
	await openList(page, isMobile);
	await act(page, 'About foxes', 'Rename');
	const dialog = page.getByRole('dialog', { name: 'Rename' });
	await dialog.getByLabel('Title').fill('About red foxes');
	await dialog.getByRole('button', { name: 'Rename' }).click();
	await expect(shown(page, 'About red foxes')).toBeVisible();
	await act(page, 'About red foxes', 'Delete');
	await expect(shown(page, 'About red foxes')).toBeHidden();
	expect(await server.trpc.conversations.list.query()).toHaveLength(1);
	await page.getByRole('button', { name: 'Undo' }).click();
	await openList(page, isMobile);
	await expect(shown(page, 'About red foxes')).toBeVisible();
	expect((await server.trpc.conversations.get.query({ id: 'c-foxes' })).messages.map(({ id }) => id)).toEqual(['foxes1', 'foxes2']);
});

test('archives, shows what is archived, and takes it out again', async ({ page, isMobile }) => {
	await openList(page, isMobile);
	await act(page, 'About owls', 'Archive');
	await expect(shown(page, 'About owls')).toBeHidden();
	await page.getByRole('button', { name: 'Actions for all conversations' }).click();
	await page.getByRole('menuitem', { name: 'Show archived ones' }).click();
	await expect(shown(page, 'About foxes')).toBeHidden();
	await act(page, 'About owls', 'Take out of the archive');
	await expect(page.getByRole('navigation', { name: 'Conversations' }).getByText('Nothing is archived.')).toBeVisible();
	await page.getByRole('button', { name: 'Back to current ones' }).click();
	await expect(shown(page, 'About owls')).toBeVisible();
});

test('exports all to a file and brings it in again', async ({ page, isMobile }) => {
	await openList(page, isMobile);
	await page.getByRole('button', { name: 'Actions for all conversations' }).click();
	const waiting = page.waitForEvent('download');
	await page.getByRole('menuitem', { name: 'Export all' }).click();
	const download = await waiting;
	expect(download.suggestedFilename()).toBe('Conversations.json');
	const content = await readFile(await download.path());
	expect(JSON.parse(content.toString())).toMatchObject({ format: 'llama-runner-conversations', conversations: [{}, {}] });
	await page.locator('input[type=file][accept*=json]').first().setInputFiles([
		{ name: 'all.json', mimeType: 'application/json', buffer: content },
		{ name: 'broken.json', mimeType: 'application/json', buffer: Buffer.from('{') }
	]);
	await expect(page.getByText('2 conversations were imported')).toBeVisible();
	await expect(page.getByText('broken.json is not a JSON file')).toBeVisible();
	await expect(shown(page, 'About owls')).toHaveCount(2);
});

test('shows code in colours and formulas as such', async ({ page }) => {
	const createdAt = new Date();
	const content = 'Then \\(x_1 \\le 2\\), for $5:\n\n$$\n\\int_0^1 \\frac{x^2}{\\sqrt{2}}\\,dx\n$$\n\n```js\nconst x = 1;\n```\n\nand $\\mathbb{R}$, $\\href{javascript:alert(1)}{x}$ too.';
	const messages = [{ id: 'f1', parentId: null, role: 'assistant' as const, content, createdAt }];
	await server.trpc.conversations.import.mutate({ format: 'llama-runner-conversations', version: 1, conversations: [{ id: 'c-formulas', title: 'Formulas', createdAt, updatedAt: createdAt, messages }] });
	await page.goto(`${server.url}/chat/c-formulas`);
	const said = page.getByRole('article', { name: 'Answer' }).locator('.markdown');
	await expect(said.locator('math')).toHaveCount(3);
	await expect(said.locator('.formula math[display=block] mfrac')).toHaveCount(1);
	await expect(said.locator('math').last()).toHaveText('ℝ');
	await expect(said).toContainText('\\href{javascript:alert(1)}{x}');
	await expect(said.locator('math [href], math a, math [style]')).toHaveCount(0);
	await expect(said).toContainText('for $5:');
	await expect(said.locator('.hljs-keyword')).toHaveText('const');
});

test('a long conversation opens at its end, goes back to its start, and shows the message that was found', async ({ page, isMobile }) => {
	const createdAt = new Date();
	const messages = Array.from({ length: 2000 }, (_, index) => ({
		id: `long${index}`, parentId: index === 0 ? null : `long${index - 1}`, role: index % 2 ? ('assistant' as const) : ('user' as const), createdAt,
		content: index === 301 ? 'A **pangolin** rolls up.' : `Message ${index} of many.`
	}));
	await server.trpc.conversations.import.mutate({ format: 'llama-runner-conversations', version: 1, conversations: [{ id: 'c-long', title: 'A long one', createdAt, updatedAt: createdAt, messages }] });
	await page.goto(`${server.url}/chat/c-long`);
	await expect(page.getByText('Message 1999 of many.')).toBeInViewport();
	expect(await page.getByRole('article').count()).toBeLessThan(200);
	await openList(page, isMobile);
	await page.getByRole('searchbox', { name: 'Search' }).fill('pangolin');
	await shown(page, 'A long one').click();
	await expect(page.getByRole('article').getByText('pangolin')).toBeInViewport();
	await expect(async () => {
		await page.locator('[role=log]').evaluate((element) => element.scrollTo(0, 0));
		await expect(page.getByText('Message 0 of many.')).toBeInViewport({ timeout: 100 });
	}).toPass({ intervals: [50] });
	expect(await page.locator('[role=log] article').count()).toBeLessThan(200);
});
