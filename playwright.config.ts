import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { testBrowser } from './scripts/browser.js';

/** One file per journey; each starts its own server (tests/support) on a free port. */
export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results',
	workers: availableParallelism() >= 4 ? 2 : 1,
	// Engines, server and browser share the cores: a busy machine is slow, and slow is not wrong.
	timeout: 120_000,
	expect: { timeout: 30_000 },
	use: {
		browserName: 'chromium',
		launchOptions: await testBrowser(),
		screenshot: 'only-on-failure',
		trace: 'retain-on-failure',
		actionTimeout: 30_000
	},
	projects: [
		{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } },
		// What a lost server does to a page does not depend on its width.
		{ name: 'phone', testIgnore: 'lost-server.spec.ts', use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } }
	]
});
