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

const noise = new WeakMap<Page, string[]>();

/** The page has said nothing in the console, but for what the browser itself notes about a request that was to fail. */
export const expectQuiet = (page: Page, but?: RegExp): void => expect((noise.get(page) ?? []).filter((line) => !but?.test(line))).toEqual([]);
