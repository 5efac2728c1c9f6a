import { test as base, type BrowserContext, type Page } from '@playwright/test';

export { expect, type Page } from '@playwright/test';

/** A failed test ends its worker, and with it the page that it left. */
let shared: Page | undefined;

/** A page that has never seen the app loads it for two seconds. So a worker's tests have one, which remembers nothing from one test to the next. */
export const test = base.extend<{ context: BrowserContext; page: Page }>({
	context: async ({ browser, viewport, hasTouch, isMobile, contextOptions }, use) => {
		shared ??= await (await browser.newContext({ ...contextOptions, viewport, hasTouch, isMobile })).newPage();
		await use(shared.context());
	},
	page: async ({ context }, use) => {
		const [page] = context.pages() as [Page];
		await use(page);
		await forget(page);
	}
});

async function forget(page: Page): Promise<void> {
	for (const event of ['console', 'pageerror', 'request'] as const) page.removeAllListeners(event);
	await page.unrouteAll();
	if (page.url().startsWith('http')) {
		const { origin } = new URL(page.url());
		await page.evaluate(() => sessionStorage.clear());
		await page.goto('about:blank');
		const session = await page.context().newCDPSession(page);
		await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
		await session.detach();
	}
	await page.context().clearCookies();
	await page.context().clearPermissions();
	await page.emulateMedia({ colorScheme: null });
}
