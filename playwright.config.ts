import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { testBrowser } from './scripts/browser.js';

/** One file per journey; each starts its own server (tests/support) on a free port. */
export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results',
	workers: availableParallelism() >= 4 ? 2 : 1,
	timeout: 30_000,
	use: {
		browserName: 'chromium',
		launchOptions: await testBrowser(),
		screenshot: 'only-on-failure',
		trace: 'retain-on-failure'
	},
	projects: [
		{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } },
		// What a lost server does to a page does not depend on its width.
		{ name: 'phone', testIgnore: 'lost-server.spec.ts', use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } }
	]
});
