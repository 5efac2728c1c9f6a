/**
 * What the first page costs: the script it loads before anybody touches it, and when it paints, on a server that has just started.
 * Build first; `node scripts/bench/start-page.ts [--rounds 5]`
 *
 * Held: script under 150 kB (gzip), first paint under 1 s.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { startServer } from '../../tests/support/start-server.ts';
import { testBrowser } from '../browser.js';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const pages = { 'first start, with the guide': 'on', 'no model': 'off' };

console.log(
	`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}\n\n| /chat | scripts | kB gzip | first paint ms (median) | message box ms (median) |\n|---|---:|---:|---:|---:|`
);
for (const [name, guide] of Object.entries(pages)) {
	const rounds = [];
	for (let i = 0; i < Number(values.rounds); i++) rounds.push(await open(guide));
	const { scripts, bytes } = rounds[0]!;
	console.log(
		`| ${name} | ${scripts} | ${(bytes / 1000).toFixed(1)} | ${Math.round(median(rounds.map(({ paintMs }) => paintMs)))} | ${Math.round(median(rounds.map(({ readyMs }) => readyMs)))} |`
	);
}

/** A new server and a new browser: nothing is cached anywhere. */
async function open(guide: string) {
	const server = await startServer({ GUIDE: guide });
	const browser = await chromium.launch(await testBrowser());
	try {
		const page = await browser.newPage();
		const scripts: Promise<Buffer>[] = [];
		page.on('response', (response) => {
			if (response.request().resourceType() === 'script') scripts.push(response.body());
		});
		await page.request.post(`${server.url}/api/auth/login`, { data: { username: 'admin', password: 'admin' } });
		const began = performance.now();
		await page.goto(`${server.url}/chat`);
		await page.getByRole('textbox', { name: 'Message' }).waitFor();
		const readyMs = performance.now() - began;
		await page.waitForLoadState('networkidle');
		const paintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime);
		const bodies = await Promise.all(scripts);
		return { scripts: bodies.length, bytes: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0), paintMs, readyMs };
	} finally {
		await browser.close();
		await server.stop();
	}
}
