import { defineConfig } from '@playwright/test';
import { testBrowser } from './scripts/browser.js';

/** Those that take long, or vary what another one does, are tagged @deep. */
const everyJourney = process.env.EVERY_JOURNEY === '1';

/** One file per journey; each starts its own server (tests/support) on a free port. */
export default defineConfig({
	testDir: 'tests/e2e',
	outputDir: 'test-results',
	// A journey waits half of its time; on two cores three of them at once take a sixth less than two.
	workers: 3,
	// Engines, server and browser share the cores: a busy machine is slow, and slow is not wrong.
	timeout: 120_000,
	expect: { timeout: 30_000 },
	use: {
		browserName: 'chromium',
		launchOptions: await testBrowser(),
		screenshot: 'only-on-failure',
		// Recording costs a quarter of the browser's time: `--trace retain-on-failure` when there is something to find.
		trace: 'off',
		contextOptions: { reducedMotion: 'reduce' },
		actionTimeout: 30_000
	},
	...(everyJourney ? {} : { grepInvert: /@deep/ }),
	projects: [
		// First, that its long walk through every page is not what all the others are waited for with.
		// What a page looks like and how it is reached depends on its width, what it does not: every page is looked at on a phone, and the
		// journeys tagged @phone, in which the width matters, are made there. `npm run soak browser` makes all of them, everywhere.
		{ name: 'phone', testIgnore: 'lost-server.spec.ts', ...(everyJourney ? {} : { grep: /@phone/ }), use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
		{ name: 'desktop', use: { viewport: { width: 1440, height: 900 } } }
	]
});
