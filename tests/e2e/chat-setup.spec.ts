import { chooseModel, expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';

let server: ChatServer;
test.beforeAll(async () => void (server = await startChatServer()));
test.afterAll(() => server.stop());
test.beforeEach(({ page }) => openApp(page, server));
test.afterEach(({ page }) => expectQuiet(page));

const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const answer = (page: Page) => page.getByRole('article', { name: 'Answer' }).last();
const dialog = (page: Page) => page.getByRole('dialog', { name: 'System prompt and parameters' });
const storedChat = async (page: Page) => server.trpc.conversations.get.query({ id: new URL(page.url()).pathname.split('/').at(-1)! });

async function ask(page: Page, text: string): Promise<void> {
	await chooseModel(page, 'scripted');
	await box(page).fill(text);
	await box(page).press('Enter');
}

test('a system prompt and parameters hold for the conversation, and a preset brings them back', async ({ page }) => {
	await page.getByRole('button', { name: 'Set up' }).click();
	await dialog(page).getByLabel('System prompt').fill('Answer shortly.');
	await dialog(page).getByLabel('temperature').fill('9');
	await expect(dialog(page)).toContainText('0 to 2');
	await expect(dialog(page).getByRole('button', { name: 'Use' })).toBeDisabled();
	await dialog(page).getByLabel('temperature').fill('0');
	await dialog(page).getByLabel('maxTokens').fill('3');
	await dialog(page).getByLabel('Name of a new preset').fill('Short');
	await dialog(page).getByRole('button', { name: 'Save as preset' }).click();
	await expect(dialog(page).getByLabel('Presets')).toHaveValue(/.+/);
	await expectAccessible(page, '[role=dialog]');
	await dialog(page).getByRole('button', { name: 'Use' }).click();
	await expect(page.getByRole('button', { name: 'Set up (3)' })).toBeVisible();
	await ask(page, 'Hello');
	await expect(answer(page)).toContainText('Ended at the token limit');
	await expect(page).toHaveURL(/\/chat\/.+/);
	await expect.poll(async () => (await storedChat(page)).options).toEqual({ temperature: 0, maxTokens: 3 });
	expect((await storedChat(page)).systemPrompt).toBe('Answer shortly.');
	await page.reload();
	await page.getByRole('button', { name: 'Set up (3)' }).click();
	await expect(dialog(page).getByLabel('maxTokens')).toHaveValue('3');
	await dialog(page).getByRole('button', { name: 'Clear all' }).click();
	await dialog(page).getByLabel('Presets').selectOption('Short');
	await expect(dialog(page).getByLabel('System prompt')).toHaveValue('Answer shortly.');
	await dialog(page).getByRole('button', { name: 'Remove preset' }).click();
	await expect(dialog(page).getByLabel('Presets')).toBeHidden();
});

test('attaches text files as fenced text, keeps them over a reload, and refuses what is none', async ({ page }) => {
	const picker = page.locator('input[type=file][aria-label="Attach text files"]');
	await picker.setInputFiles([
		{ name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('Remember\n```\nmilk\n```') },
		{ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]) },
		{ name: 'big.txt', mimeType: 'text/plain', buffer: Buffer.alloc(300 * 1024, 'a') }
	]);
	await expect(page.getByText('photo.png is not a text file')).toBeVisible();
	await expect(page.getByText('big.txt is too large')).toBeVisible();
	await expect(page.getByRole('list', { name: 'Files' }).getByRole('listitem')).toHaveCount(1);
	await page.reload();
	await expect(page.getByRole('button', { name: 'Remove notes.md' })).toBeVisible();
	await box(page).evaluate((element) => {
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File(['a,b\n1,2'], 'pasted.csv', { type: 'text/csv' }));
		element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
	});
	await expect(page.getByRole('button', { name: 'Remove pasted.csv' })).toBeVisible();
	await page.getByRole('button', { name: 'Remove pasted.csv' }).click();
	await ask(page, 'What to buy?');
	await expect(answer(page).locator('.markdown')).toHaveText(sentence);
	const question = page.getByRole('article', { name: 'You' });
	await expect(question.getByRole('listitem')).toHaveText('notes.md');
	await expect(question).toContainText('What to buy?');
	await expect(question).not.toContainText('milk');
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('What to buy?');
	expect((await storedChat(page)).messages[0]!.content).toBe('File notes.md:\n````md\nRemember\n```\nmilk\n```\n````\n\nWhat to buy?');
	await expect(page.getByRole('button', { name: 'Remove notes.md' })).toBeHidden();
});
