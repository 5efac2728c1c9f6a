// Takes a picture of each page into static/screenshots/: of the built server, with models and conversations that are really there.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startFakeLmStudio } from '../tests/support/fake-lm-studio/fake-lm-studio.ts';
import { embeddingModel, scriptedModel, tinyModel } from '../tests/support/models.ts';
import { signIn, type SignedIn } from '../tests/support/sign-in.ts';
import { startServer, type RunningServer } from '../tests/support/start-server.ts';
import { trpcClient } from '../tests/support/trpc-client.ts';
import { testBrowser } from './browser.js';
import { root, say } from './launch/place.js';

const folder = join(root, 'static/screenshots');
const most = { file: 200_000, all: 3_000_000 };
const password = 'correct horse battery';
/** How long people have been asking before the first picture: the live charts are to have something to show. */
const trafficMs = 60_000;

const fibonacci = `The nth Fibonacci number needs only the last two values, so a loop does it in linear time:

\`\`\`python
def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
\`\`\`

- **Time** grows with n; **space** stays constant.
- For very large n, *fast doubling* takes logarithmic steps instead.

\`fibonacci(10)\` is \`55\`.`;
const story = 'Mist lay over the harbour when the old lighthouse keeper climbed her stairs. Below, fishing boats waited for one small lamp; above, gulls turned in silence. She struck a match, and morning found its way home.';
const summary = 'Three points matter: revenue rose by a fifth, churn fell under two per cent, and support answered most tickets within an hour.';

const models = (dir: string) => [
	{ name: 'coder', path: scriptedModel(dir, { sentence: fibonacci, fileName: 'coder.gguf', contextLength: 8192 }) },
	{ name: 'storyteller', path: scriptedModel(dir, { sentence: story, fileName: 'storyteller.gguf', contextLength: 8192 }) },
	{ name: 'summariser', path: scriptedModel(dir, { sentence: summary, fileName: 'summariser.gguf', contextLength: 4096 }) },
	{ name: 'tiny-random', path: tinyModel(dir, { contextLength: 4096 }) },
	{ name: 'embedding', path: embeddingModel(dir) }
];
const questions: [model: string, question: string][] = [
	['summariser', 'Summarise the quarterly report in one sentence'],
	['storyteller', 'Tell me a very short story about a lighthouse'],
	['guide', 'How do I make an API key?'],
	['summariser', 'What did support do well?'],
	['coder', 'Write a Fibonacci function in Python and say how fast it is']
];

async function post(caller: SignedIn, path: string, body: unknown): Promise<Response> {
	const response = await caller.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
	return response;
}

async function ask(caller: SignedIn, model: string, content: string, more: object = {}): Promise<string | null> {
	const response = await post(caller, '/api/chat', { model, messages: [{ role: 'user', content }], temperature: 0, stream: false, ...more });
	await response.arrayBuffer();
	return response.headers.get('x-conversation-id');
}

/** Asks as several people would, one after the other and at times together, until it is told to stop. */
async function makeTraffic(people: SignedIn[], stopped: AbortSignal): Promise<void> {
	for (let turn = 0; !stopped.aborted; turn++) {
		const together = 1 + (turn % 3);
		const waiting = Array.from({ length: together }, (_, i) => ask(people[(turn + i) % people.length]!, i === 0 ? 'tiny-random' : 'storyteller', 'Tell me more.', { max_tokens: 150 + 150 * i, store: false }));
		await Promise.all(waiting);
		await sleep(300 + 400 * (turn % 4));
	}
}

type Shot = { name: string; path: string; dark?: boolean; phone?: boolean; prepare?: (page: Page) => Promise<void> };

async function take(browser: Browser, server: RunningServer, cookie: string, { name, path, dark, phone, prepare }: Shot): Promise<number> {
	const context = await browser.newContext({
		viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
		...(phone ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
		colorScheme: dark ? 'dark' : 'light',
		reducedMotion: 'reduce'
	});
	if (cookie) {
		const [, key, value] = /^([^=]+)=(.*)$/.exec(cookie)!;
		await context.addCookies([{ name: key!, value: value!, url: server.url }]);
	}
	const page = await context.newPage();
	await page.goto(server.url + path);
	await page.waitForLoadState('networkidle');
	await prepare?.(page);
	await sleep(600); // charts draw themselves once the library is there
	const file = join(folder, `${name}.png`);
	await page.screenshot({ path: file });
	await context.close();
	const { size } = statSync(file);
	say(`${name}.png: ${Math.round(size / 1000)} kB`);
	if (size > most.file) throw new Error(`${name}.png has ${size} bytes; at most ${most.file} are wanted`);
	return size;
}

mkdirSync(folder, { recursive: true });
const lmStudio = await startFakeLmStudio();
const server = await startServer({ GUIDE: 'on', ADMIN_PASSWORD: password, LM_STUDIO_URL: lmStudio.url, RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' });
const browser = await chromium.launch(await testBrowser());
const stop = new AbortController();
let traffic: Promise<void> | undefined;
try {
	const admin = await signIn(server, 'admin', password);
	const trpc = trpcClient(server, admin);
	await post(admin, '/api/models', { models: models(server.modelsDir) });
	await trpc.parameters.set.mutate({ name: 'threads', value: 1 });
	await trpc.parameters.set.mutate({ name: 'temperature', value: 0.6 });
	const people = [admin];
	for (const username of ['ada', 'grace']) {
		await trpc.users.create.mutate({ username, password, role: 'user' });
		people.push(await signIn(server, username, password));
	}
	await trpc.keys.create.mutate({ name: 'laptop' });
	const conversations: (string | null)[] = [];
	for (const [model, question] of questions) conversations.push(await ask(admin, model, question));
	traffic = makeTraffic(people, stop.signal);
	await Promise.race([traffic, sleep(trafficMs)]);

	const [cookie = ''] = admin.cookie.split('; ').filter((pair) => pair.startsWith('access_token='));
	const chat = `/chat/${conversations.at(-1)}`;
	const shots: Shot[] = [
		{ name: 'chat', path: chat },
		{ name: 'chat-dark', path: chat, dark: true },
		{ name: 'chat-phone', path: chat, phone: true },
		{ name: 'dashboard', path: '/dashboard' },
		{ name: 'dashboard-dark', path: '/dashboard', dark: true },
		{ name: 'dashboard-phone', path: '/dashboard', phone: true, dark: true },
		{ name: 'models', path: '/models' },
		{ name: 'monitoring', path: '/monitoring' },
		{ name: 'monitoring-dark', path: '/monitoring', dark: true },
		{ name: 'logs', path: '/logs?text=answered', dark: true },
		{ name: 'parameters', path: '/parameters' },
		{ name: 'connect', path: '/connect' },
		{ name: 'api', path: '/connect/api' },
		{ name: 'settings', path: '/settings/access' },
		{ name: 'users', path: '/users' },
		{ name: 'audit', path: '/audit' }
	];
	let total = await take(browser, server, '', { name: 'sign-in', path: '/login' });
	for (const shot of shots) total += await take(browser, server, cookie, shot);
	say(`${Math.round(total / 1000)} kB in all`);
	if (total > most.all) throw new Error(`the pictures have ${total} bytes; at most ${most.all} are wanted`);
} finally {
	stop.abort();
	await traffic?.catch(() => undefined);
	await browser.close();
	await server.stop();
	await lmStudio.stop();
}
