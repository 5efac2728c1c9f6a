import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.js';
import { root, say, Stop } from './place.js';

function packagesIn(lockfile) {
	try {
		return JSON.parse(readFileSync(join(root, lockfile), 'utf8')).packages;
	} catch {
		return undefined;
	}
}

const libc = process.platform === 'linux' ? (process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl') : undefined;

/** Packages with a binary for another system stay out; those without any restriction are as good as required. */
function belongsHere({ os, cpu, libc: wanted, optional }) {
	const fits = (list, value) => !list || list.includes(value);
	return optional ? Boolean(os) && fits(os, process.platform) && fits(cpu, process.arch) && fits(wanted, libc) : true;
}

const mark = 'node_modules/.package-lock.json';

/** What the lockfile wants and npm has not noted in node_modules, where it writes last: it knows whose binaries are there. */
function missing() {
	const wanted = packagesIn('package-lock.json') || {};
	const have = packagesIn(mark);
	if (!have) return ['everything'];
	return Object.keys(wanted).filter((path) => path && belongsHere(wanted[path]) && (!have[path] || have[path].version !== wanted[path].version));
}

/** Installing the packages, when the lockfile has changed since. Needs no newer Node than the machine's own. */
export function install() {
	return {
		stale: () => missing().length > 0,
		async run() {
			const began = Date.now();
			const seconds = () => Math.round((Date.now() - began) / 1000);
			say(
				'Installing the packages (once). node-llama-cpp brings the engine for CPU and GPU, about 700 MB of 1.1 GB: a minute on a fast line, several on a slow one …'
			);
			const patience = setInterval(() => say(`Still installing (${seconds()} s) …`), 30_000);
			try {
				await npm(['ci', '--include=dev'], 'Installing the packages');
				const [left] = missing(); // a native package that can't be fetched is optional to npm, and passed over
				if (left) throw new Stop(`npm left out ${left}, which this system needs: the network broke off, or the registry lacks it. Run the command again.`);
			} catch (error) {
				rmSync(join(root, mark), { force: true });
				throw error;
			} finally {
				clearInterval(patience);
			}
			say(`Installed in ${seconds()} s.`);
		}
	};
}
