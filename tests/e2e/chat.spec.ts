import { rmSync } from 'node:fs';
import { chooseModel, expectAccessible, expectQuiet, openApp } from '../support/app-page.ts';
import { expect, test, type Page } from '../support/browser-test.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { scriptedModel, tinyModel } from '../support/models.ts';

const hostile = `# Report

<img src="https://evil.example/a.png" onerror="document.title='taken'"> ![pixel](https://evil.example/b.png)

[click](javascript:document.title='taken') and [documentation](https://docs.example/x)

\`\`\`python
def greet(name):
    return f"hello {name}"
\`\`\`
`;

/** without markup, so that what was shown stays as it was when more comes */
const looped = 'Round and round goes the wheel while water runs below the mill;';

let server: ChatServer;

test.beforeAll(async () => {
	// Long enough that no answer without end ends while a test looks at it.
	server = await startChatServer({}, { contextLength: 32_768, maxTokens: 32_000, parallelSlots: 2 });
	const lost = tinyModel(server.modelsDir, { fileName: 'lost.gguf' });
	const models = [
		{ name: 'looper', path: scriptedModel(server.modelsDir, { sentence: looped, loop: true, contextLength: 32_768, fileName: 'looper.gguf' }) },
		{ name: 'hostile', path: scriptedModel(server.modelsDir, { sentence: hostile, fileName: 'hostile.gguf' }) },
		{ name: 'thinker', path: scriptedModel(server.modelsDir, { sentence: '<think>They greet me, so I greet back.</think>Good day to you.', fileName: 'thinker.gguf' }) },
		{ name: 'lost', path: lost }
	];
	expect((await server.post('/api/models', { models })).status).toBe(200);
	rmSync(lost);
});
test.afterAll(() => server.stop());
test.beforeEach(({ page }) => openApp(page, server));
test.afterEach(({ page }) => expectQuiet(page));

const box = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const answer = (page: Page) => page.getByRole('article', { name: 'Answer' }).last();
const words = (page: Page) => answer(page).locator('.markdown');
const stopButton = (page: Page) => page.getByRole('button', { name: 'Stop', exact: true });

async function ask(page: Page, model: string, question: string): Promise<void> {
	await chooseModel(page, model);
	await box(page).fill(question);
	await box(page).press('Enter');
}

/** Waits until the answer has grown beyond so many characters and returns them. */
async function textBeyond(page: Page, length: number): Promise<string> {
	await expect.poll(async () => (await words(page).innerText()).length).toBeGreaterThan(length);
	return words(page).innerText();
}

test('answers a question, with its figures, under an address of its own', async ({ page }) => {
	await ask(page, 'scripted', 'What does the fox do?');
	await expect(words(page)).toHaveText(sentence);
	await expect(answer(page)).toContainText(/\d+ tokens.*tok\/s.*first token [\d.]+\ss.*context [\d.]+%/s);
	await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('What does the fox do?');
	await expect(box(page)).toHaveValue('');

	await box(page).fill('And again?');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(words(page)).toHaveText(sentence);

	await page.reload();
	await expect(page.getByRole('article', { name: 'Answer' })).toHaveCount(2);
	await expect(answer(page)).toContainText('tok/s');
});

test('stops a long answer and keeps what was said', { tag: '@phone' }, async ({ page, isMobile }) => {
	await ask(page, 'endless', 'Go on and on');
	await textBeyond(page, 100);
	if (isMobile) await stopButton(page).click();
	else await page.keyboard.press('Escape');
	await expect(answer(page)).toContainText('Stopped');
	await expect(stopButton(page)).toBeHidden();
	const kept = await words(page).innerText();
	expect(kept.length).toBeGreaterThan(100);
	await page.reload();
	await expect(words(page)).toHaveText(kept, { useInnerText: true });
});

test('a reload in mid-answer goes on with the same answer and loses no token', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await ask(page, 'looper', 'Never end');
	const before = await textBeyond(page, 100);
	await page.reload();
	await expect(stopButton(page)).toBeVisible();
	const after = await textBeyond(page, before.length + 100);
	expect(after.slice(0, before.length)).toBe(before);
	await stopButton(page).click();
	await expect(answer(page)).toContainText('Stopped');

	await answer(page).getByRole('button', { name: 'Copy' }).last().click();
	const shown = await page.evaluate(() => navigator.clipboard.readText());
	const id = new URL(page.url()).pathname.split('/').at(-1)!;
	const { messages } = await server.get<{ messages: { role: string; content: string }[] }>(`/api/conversations/${id}`);
	expect(messages.map((message) => message.role)).toEqual(['user', 'assistant']);
	expect(shown).toBe(messages[1]!.content);
});

test('an answer goes on while another page of the app is looked at', async ({ page }) => {
	await ask(page, 'endless', 'Keep going');
	const before = await textBeyond(page, 50);
	await page.getByRole('link', { name: 'Models' }).click();
	await expect(page.getByRole('heading', { name: 'Models' })).toBeVisible();
	await page.goBack();
	await expect(stopButton(page)).toBeVisible();
	await textBeyond(page, before.length + 50);
	await stopButton(page).click();
	await expect(answer(page)).toContainText('Stopped');
});

test('keeps a draft over a reload, and Shift+Enter starts a line', async ({ page }) => {
	await box(page).fill('First line');
	await box(page).press('Shift+Enter');
	await box(page).pressSequentially('second line');
	await page.reload();
	await expect(box(page)).toHaveValue('First line\nsecond line');
	await expect(page.getByRole('article')).toHaveCount(0);
});

test('shows a hostile answer as text: no script, no image, no foreign request', async ({ page }) => {
	const foreign: string[] = [];
	page.on('request', (request) => {
		if (!request.url().startsWith(server.url)) foreign.push(request.url());
	});
	await ask(page, 'hostile', 'Show me');
	await expect(stopButton(page)).toBeHidden();
	await expect(words(page).getByRole('heading', { name: 'Report' })).toBeVisible();
	await expect(words(page)).toContainText('<img src="https://evil.example/a.png"');
	await expect(words(page).locator('img, script, iframe')).toHaveCount(0);
	await expect(words(page).locator('a[href^="javascript"]')).toHaveCount(0);
	const link = words(page).getByRole('link', { name: 'documentation' });
	await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
	await expect(link).toHaveAttribute('target', '_blank');
	await expect(words(page).locator('.code .hljs-keyword').first()).toHaveText('def');
	await expect(page).not.toHaveTitle('taken');
	expect(foreign).toEqual([]);
});

test('folds the reasoning away from the answer', async ({ page }) => {
	await ask(page, 'thinker', 'Hello');
	await expect(words(page)).toHaveText('Good day to you.');
	await answer(page).getByText('Reasoning').click();
	await expect(answer(page).getByText('They greet me, so I greet back.')).toBeVisible();
});

test('says what failed, with its code and what to do, and asks again', async ({ page }) => {
	await ask(page, 'lost', 'Anybody there?');
	const notice = page.getByRole('alert');
	await expect(notice).toContainText('MODEL_LOAD_ERROR');
	await expect(notice).toContainText('try another model');
	await chooseModel(page, 'scripted');
	// The message was refused before it was taken and stands in the box again, or it was taken and can be asked again.
	const again = page.getByRole('button', { name: 'Try again' });
	await again.or(page.getByRole('button', { name: 'Send' }).and(page.locator(':enabled'))).first().click();
	await expect(words(page)).toHaveText(sentence);
	await expect(notice).toBeHidden();
});

test('has nothing that axe objects to', async ({ page }) => {
	await ask(page, 'hostile', 'Show me');
	await expect(answer(page)).toContainText('tok/s');
	await expect(words(page).locator('.hljs-keyword').first()).toBeVisible();
	await expectAccessible(page);
});
