/**
 * Typing while an answer streams, in a conversation of 2,000 messages: what each frame costs the page, and how soon a letter is shown.
 * The machine's cores are shared by the browser, the server and the engine. Build first; `node scripts/bench/typing.ts [--messages 2000] [--seconds 15]`
 *
 * Held: 16 ms of work a frame (p95), for typing and streaming together.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chooseModel } from '../../tests/support/app-page.ts';
import { startChatServer } from '../../tests/support/chat-server.ts';
import { scriptedModel, tinyModel } from '../../tests/support/models.ts';
import { testBrowser } from '../browser.js';
import { quantile } from './quantile.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '2000' }, seconds: { type: 'string', default: '15' } } });
const letters = 'The quick brown fox jumps over a lazy dog, and then it does so again. ';
const everyMs = 80;
/** What an answer looks like, again and again. */
const prose = 'Foxes hunt **at dusk**, when mice come out. A den has more than one way out, often below the roots of an old tree.\n\n- They hear a mouse below the snow.\n- They leap, and *mostly* miss.\n\n```js\nconst hunt = (field) => field.filter((mouse) => mouse.isSlow);\n```\n\n';

type Figures = { work: number[]; intervals: number[]; letters: number[] };
declare global {
	interface Window { figures: Figures }
}

// Room for all of the conversation, and an answer that does not end.
const contextLength = 131_072;
const server = await startChatServer({}, { contextLength, maxTokens: 32_000, parallelSlots: 1, batchSize: 2048 });
const browser = await chromium.launch(await testBrowser());
try {
	await server.trpc.models.register.mutate({ models: [
		{ name: 'random', path: tinyModel(server.modelsDir, { fileName: 'random.gguf', contextLength }) },
		{ name: 'prose', path: scriptedModel(server.modelsDir, { fileName: 'prose.gguf', contextLength, sentence: prose, loop: true }) }
	] });
	const createdAt = new Date();
	const markdown = (index: number) => (index % 10 ? `Message ${index}` : `Message **${index}** of many, with \`code\` and a list:\n\n- one\n- two\n\n\`\`\`js\nconst at = ${index};\n\`\`\``);
	await server.trpc.conversations.import.mutate({
		format: 'llama-runner-conversations', version: 1,
		conversations: [{
			id: 'c-long', title: 'A long one', createdAt, updatedAt: createdAt,
			messages: Array.from({ length: Number(values.messages) }, (_, index) => ({ id: `m${index}`, parentId: index === 0 ? null : `m${index - 1}`, role: index % 2 ? ('assistant' as const) : ('user' as const), createdAt, content: markdown(index) }))
		}]
	});
	console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}, ${values.messages} messages, a letter every ${everyMs} ms for ${values.seconds} s\n`);
	console.log('| | frames/s | work a frame p50 | p95 | p99 | most | letter shown p50 | p95 | answer grew by |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|');
	await measure('typing alone');
	await measure('typing while an answer streams', 'prose');
	await measure('the same, one paragraph of random characters', 'random');
} finally {
	await browser.close();
	await server.stop();
}

async function measure(name: string, model?: string) {
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
	await page.request.post(`${server.url}/api/auth/login`, { data: { username: 'admin', password: 'admin' } });
	await page.goto(`${server.url}/chat/c-long`);
	const box = page.getByRole('textbox', { name: 'Message' });
	await page.getByText(`Message ${Number(values.messages) - 1}`).waitFor();
	const said = () => page.getByRole('article').last().innerText();
	if (model) {
		await chooseModel(page, model);
		await box.fill('Go on');
		await box.press('Enter');
		await page.getByRole('article', { name: 'Answer' }).last().locator('.markdown').getByText(/.{80}/).waitFor({ timeout: 300_000 });
	}
	const before = (await said()).length;
	await box.focus();
	await page.evaluate(() => {
		const figures: Figures = (window.figures = { work: [], intervals: [], letters: [] });
		// Work of a frame: what the main thread does from the frame's callbacks until it is free again, which is after style, layout and paint.
		const free = new MessageChannel();
		let began = 0;
		free.port1.onmessage = () => figures.work.push(performance.now() - began);
		const frame = () => {
			const now = performance.now();
			if (began) figures.intervals.push(now - began);
			began = now;
			free.port2.postMessage(null);
			requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
		document.addEventListener('input', () => {
			const at = performance.now();
			requestAnimationFrame(() => setTimeout(() => figures.letters.push(performance.now() - at)));
		}, true);
	});
	const until = Date.now() + Number(values.seconds) * 1000;
	for (let i = 0; Date.now() < until; i++) {
		await page.keyboard.type(letters[i % letters.length]!);
		await page.waitForTimeout(everyMs);
	}
	const { work, intervals, letters: shown } = await page.evaluate(() => window.figures);
	const grown = (await said()).length - before;
	const ms = (list: number[], q: number) => `${quantile(list, q).toFixed(1)} ms`;
	console.log(`| ${name} | ${(1000 / quantile(intervals, 0.5)).toFixed(0)} | ${ms(work, 0.5)} | ${ms(work, 0.95)} | ${ms(work, 0.99)} | ${ms(work, 1)} | ${ms(shown, 0.5)} | ${ms(shown, 0.95)} | ${grown} characters |`);
	if (model) await page.getByRole('button', { name: 'Stop', exact: true }).click();
	await page.close();
}
