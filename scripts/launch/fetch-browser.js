// Fetches the tests' browser, where there is none: a process of its own, beside the tests that need none.
import { testBrowser } from '../browser.js';

await testBrowser();
