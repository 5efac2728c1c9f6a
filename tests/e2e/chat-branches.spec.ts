import { chooseModel, expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { scriptedModel } from '../support/models.ts';

const other = 'A second model says something else.';
let server: ChatServer;

test.beforeAll(async () => {
	server = await startChatServer({}, { contextLength: 32_768, maxTokens: 32_000, parallelSlots: 2 });
	const path = scriptedModel(server.modelsDir, { sentence: other, contextLength: 32_768, fileName: 'other.gguf' });
	expect((await server.post('/api/models', { models: [{ name: 'other', path }] })).status).toBe(200);
});
test.afterAll(() => server.stop());
test.beforeEach(({ page }) => openApp(page, server));
test.afterEach(({ page }) => expectQuiet(page));

const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const answer = (page: Page) => page.getByRole('article', { name: 'Answer' }).last();
const words = (page: Page) => answer(page).locator('.markdown');
const question = (page: Page) => page.getByRole('article', { name: 'You' });

async function ask(page: Page, model: string, text: string): Promise<void> {
	await chooseModel(page, model);
	await box(page).fill(text);
	await box(page).press('Enter');
}

test('regenerates an answer and goes between the two', async ({ page }) => {
	await ask(page, 'scripted', 'What does the fox do?');
	await expect(words(page)).toHaveText(sentence);
	await chooseModel(page, 'other');
	await answer(page).getByRole('button', { name: 'Regenerate' }).click();
	await expect(words(page)).toHaveText(other);
	await expect(answer(page).getByText('2/2')).toBeVisible();
	await answer(page).getByRole('button', { name: 'Branch before' }).click();
	await expect(words(page)).toHaveText(sentence);
	await expect(answer(page).getByText('1/2')).toBeVisible();
	await page.reload();
	await expect(words(page)).toHaveText(sentence);
	await answer(page).getByRole('button', { name: 'Next branch' }).click();
	await expect(words(page)).toHaveText(other);
	await expectAccessible(page);
});

test('edits a question: what was said stays as a branch, and later turns with it', async ({ page }) => {
	await ask(page, 'scripted', 'First?');
	await expect(words(page)).toHaveText(sentence);
	await ask(page, 'scripted', 'Second?');
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(words(page)).toHaveText(sentence);

	await question(page).first().hover();
	await question(page).first().getByRole('button', { name: 'Edit' }).click();
	await expect(page.getByRole('textbox', { name: 'Edit' })).toBeFocused();
	await chooseModel(page, 'other');
	await page.getByRole('textbox', { name: 'Edit' }).fill('First, in other words?');
	await page.getByRole('textbox', { name: 'Edit' }).press('Enter');
	await expect(question(page)).toHaveCount(1);
	await expect(words(page)).toHaveText(other);
	await question(page).getByRole('button', { name: 'Branch before' }).click();
	await expect(question(page)).toHaveCount(2);
	await expect(question(page).first()).toContainText('First?');
	await expect(words(page)).toHaveText(sentence);

	// A regenerated answer in the middle leaves what followed the first one on its branch.
	await page.getByRole('article', { name: 'Answer' }).first().getByRole('button', { name: 'Regenerate' }).click();
	await expect(page.getByRole('article')).toHaveCount(2);
	await expect(words(page)).toHaveText(other);
	await page.reload();
	await expect(page.getByRole('article')).toHaveCount(2);
	await answer(page).getByRole('button', { name: 'Branch before' }).click();
	await expect(page.getByRole('article')).toHaveCount(4);
});

test('a reload while an answer is regenerated goes on with it', { tag: '@deep' }, async ({ page }) => {
	await ask(page, 'scripted', 'First?');
	await expect(words(page)).toHaveText(sentence);
	await ask(page, 'scripted', 'Second?');
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(words(page)).toHaveText(sentence);
	await chooseModel(page, 'endless');
	await page.getByRole('article', { name: 'Answer' }).first().getByRole('button', { name: 'Regenerate' }).click();
	await expect(page.getByRole('article')).toHaveCount(2);
	await expect.poll(async () => (await words(page).innerText()).length).toBeGreaterThan(50);
	await page.reload();
	await expect(page.getByRole('article')).toHaveCount(2);
	await page.getByRole('button', { name: 'Stop', exact: true }).click();
	await expect(answer(page)).toContainText('Stopped');
	await expect(answer(page).getByText('2/2')).toBeVisible();
});

test('deletes one message after asking, and what followed stays', async ({ page }) => {
	await ask(page, 'scripted', 'First?');
	await expect(words(page)).toHaveText(sentence);
	await ask(page, 'scripted', 'Second?');
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(words(page)).toHaveText(sentence);
	await question(page).first().hover();
	await question(page).first().getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete' }).click();
	await expect(question(page)).toHaveCount(1);
	await page.reload();
	await expect(question(page)).toHaveText(/Second/);
	await expect(page.getByRole('article')).toHaveCount(3);
});
