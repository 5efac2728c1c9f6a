import { expect, test, type Page } from '../support/browser-test.ts';
import { chooseModel, expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { scriptedModel } from '../support/models.ts';

const otherSentence = 'A second model says something else.';
let server: ChatServer;
test.beforeAll(async () => {
	server = await startChatServer({}, { contextLength: 32_768, maxTokens: 32_000, parallelSlots: 2 });
	const path = scriptedModel(server.modelsDir, { sentence: otherSentence, contextLength: 32_768, fileName: 'other.gguf' });
	const looper = scriptedModel(server.modelsDir, { sentence: 'Round and round goes the wheel;', loop: true, contextLength: 32_768, fileName: 'looper.gguf' });
	expect(
		(
			await server.post('/api/models', {
				models: [
					{ name: 'other', path },
					{ name: 'looper', path: looper }
				]
			})
		).status
	).toBe(200);
});
test.afterAll(() => server.stop());
test.beforeEach(({ page }) => openApp(page, server));
test.afterEach(({ page }) => expectQuiet(page));

const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const said = (page: Page, model: string) => page.getByRole('region', { name: model }).locator('.markdown');

async function compare(page: Page, model: string, other: string, question: string): Promise<void> {
	await chooseModel(page, model);
	await page.getByRole('button', { name: 'Ask a second model as well' }).click();
	await chooseModel(page, other, /^Second model/);
	await box(page).fill(question);
	await box(page).press('Enter');
}

test('asks two models at once and goes on with one of them; the other stays as a branch', async ({ page }) => {
	await compare(page, 'scripted', 'other', 'What does the fox do?');
	await expect(said(page, 'scripted')).toHaveText(sentence);
	await expect(said(page, 'other')).toHaveText(otherSentence);
	await expectAccessible(page);
	await page.getByRole('region', { name: 'other' }).getByRole('button', { name: 'Go on with this one' }).click();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1);
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText(otherSentence);

	await page.getByRole('button', { name: 'Ask one model only' }).click();
	await box(page).fill('And then?');
	await box(page).press('Enter');
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(page.getByRole('article', { name: 'Answer' }).last().locator('.markdown')).toHaveText(sentence);
	await page.reload();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	const first = page.getByRole('article', { name: 'Answer' }).first();
	await expect(first.locator('.markdown')).toHaveText(otherSentence);
	await first.getByRole('button', { name: 'Branch before' }).click();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1);
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText(sentence);
});

test('a reload goes on with both answers, and stop ends both', { tag: '@deep' }, async ({ page }) => {
	await compare(page, 'looper', 'endless', 'Never end');
	await expect(said(page, 'looper')).toHaveText(/.{40}/);
	await expect(said(page, 'endless')).toHaveText(/.{40}/);
	await page.reload();
	await expect(said(page, 'looper')).toHaveText(/.{80}/);
	await expect(said(page, 'endless')).toHaveText(/.{80}/);
	await page.getByRole('button', { name: 'Stop', exact: true }).click();
	await expect(page.getByText('Stopped')).toHaveCount(2);
	await expect(page.getByRole('region', { name: 'looper' }).getByRole('button', { name: 'Go on with this one' })).toBeEnabled();
	await page.getByRole('region', { name: 'looper' }).getByRole('button', { name: 'Go on with this one' }).click();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(1);
	await expect(page.getByRole('article', { name: 'Answer' }).locator('.markdown')).toHaveText(/^Round and round/);
});
