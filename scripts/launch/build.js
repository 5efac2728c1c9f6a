import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmRun } from './npm.js';
import { root, say, Stop } from './place.js';

const sources = ['src', 'static', 'scripts/typed-client', 'package.json', 'package-lock.json', 'svelte.config.js', 'tsconfig.json', 'vite.config.ts'];
const stamp = join(root, 'build/.sources');

function addTo(hash, path, entry = statSync(join(root, path), { throwIfNoEntry: false })) {
	if (!entry) return;
	if (entry.isDirectory()) {
		const entries = readdirSync(join(root, path), { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
		for (const each of entries) addTo(hash, `${path}/${each.name}`, each.isSymbolicLink() ? undefined : each);
	} else if (!path.endsWith('.test.ts')) hash.update(`${path}\0`).update(readFileSync(join(root, path)));
}

/** What the build is made of, by content: in a fresh clone all files are equally old. */
function fingerprint() {
	const hash = createHash('sha256');
	for (const path of sources) addTo(hash, path);
	return hash.digest('hex');
}

function stale() {
	try {
		return readFileSync(stamp, 'utf8') !== fingerprint();
	} catch {
		return true;
	}
}

/** Building, when a source has changed since. The build empties its folder first, so a broken one has no stamp. */
export function build(node) {
	return {
		stale,
		async run() {
			const began = Date.now();
			const made = fingerprint();
			say('Building …');
			const { code, output } = await npmRun(node, 'build');
			if (code !== 0) throw new Stop(`${output.trim()}\nThe build failed.`);
			writeFileSync(stamp, made);
			say(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
		}
	};
}
