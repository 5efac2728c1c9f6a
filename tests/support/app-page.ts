import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import type { RunningServer } from './start-server.ts';

/** A console error or warning from now on fails {@link expectQuiet}. */
export function watchConsole(page: Page): void {
	const said: string[] = [];
	noise.set(page, said);
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') said.push(`${message.type()}: ${message.text()}`);
	});
	page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`));
}

/** Signs the page in, watches its console, and opens a path of the app. */
export async function openApp(page: Page, server: Pick<RunningServer, 'url'>, path = '/chat'): Promise<void> {
	watchConsole(page);
	const response = await page.request.post(`${server.url}/api/auth/login`, { data: { username: 'admin', password: 'admin' } });
	expect(response.status()).toBe(200);
	await page.goto(server.url + path);
}

/** Chooses a model below the message box, or the second one that is asked beside it. */
export async function chooseModel(page: Page, model: string, picker: RegExp = /^Model/): Promise<void> {
	await page.getByRole('button', { name: picker }).click();
	await page.getByRole('menuitemradio', { name: model }).click();
}

const noise = new WeakMap<Page, string[]>();

/** The page has said nothing in the console, but for what the browser itself notes about a request that was to fail. */
export const expectQuiet = (page: Page, but?: RegExp): void => expect((noise.get(page) ?? []).filter((line) => !but?.test(line))).toEqual([]);

/** axe-core as the package that brings it for Playwright has it; that package itself would put it into the page anew for each look, and into a second one. */
const { source } = createRequire(import.meta.resolve('@axe-core/playwright'))('axe-core') as { source: string };
type Axe = { run: (context: string | Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };

/** axe objects to nothing in the page, or in the part of it that the selector names, light and dark. */
export async function expectAccessible(page: Page, part?: string): Promise<void> {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
	const chosen = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
	for (const colorScheme of [chosen === 'dark' ? 'light' : 'dark', chosen] as const) {
		await page.emulateMedia({ colorScheme });
		const violations = await page.evaluate(
			async (within) => (await (window as unknown as { axe: Axe }).axe.run(within ?? document, { resultTypes: ['violations'] })).violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n')}`),
			part
		);
		expect(violations, colorScheme).toEqual([]);
	}
}
