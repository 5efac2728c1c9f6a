import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendOf, usable } from './engine-packages.js';
import { npm } from './npm.js';
import { requireWritable, root, runtimeDir, say, Stop } from './place.js';

const modules = join(root, 'node_modules');
const staging = join(runtimeDir, 'install');

function read(lockfile) {
	try {
		return JSON.parse(readFileSync(lockfile, 'utf8'));
	} catch {
		return {};
	}
}

const lockfile = () => read(join(root, 'package-lock.json'));

const libc = process.platform === 'linux' ? (process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl') : undefined;

/** Packages with a binary for another system stay out; those without any restriction are as good as required. */
function belongsHere({ os, cpu, libc: wanted, optional }) {
	const fits = (list, value) => !list || list.includes(value);
	return optional ? Boolean(os) && fits(os, process.platform) && fits(cpu, process.arch) && fits(wanted, libc) : true;
}

/** What the lockfile wants and npm has not noted in `folder`, where it writes last: it knows whose binaries are there. */
function missing(folder) {
	const wanted = lockfile().packages || {};
	const have = read(join(folder, '.package-lock.json')).packages;
	if (!have) return ['everything'];
	return Object.keys(wanted).filter(
		(path) => path && belongsHere(wanted[path]) && usable(path) && (!have[path] || have[path].version !== wanted[path].version)
	);
}

/** The lockfile without what the engine can't use here, neither as a package nor as a wish of another one: npm takes no lockfile that lacks a wish. */
function narrowed({ packages, ...lock }) {
	const kept = Object.entries(packages).filter(([path]) => usable(path));
	for (const [, entry] of kept) for (const name of Object.keys(entry.optionalDependencies || {})) if (!usable(name)) delete entry.optionalDependencies[name];
	return { ...lock, packages: Object.fromEntries(kept) };
}

const npmCi = (...where) => npm(['ci', '--include=dev', ...where], 'Installing the packages');

/** A native package that can't be fetched is optional to npm, and passed over. */
function requireWhole(folder) {
	const [left] = missing(folder);
	if (left) throw new Stop(`npm left out ${left}, which this system needs: the network broke off, or the registry lacks it. Run the command again.`);
}

/** `npm ci` in a folder of its own, with what this machine can use of the lockfile. What is installed stays in use until the new is whole. */
async function stage() {
	rmSync(staging, { recursive: true, force: true });
	mkdirSync(staging, { recursive: true });
	for (const file of ['package.json', '.npmrc']) if (existsSync(join(root, file))) copyFileSync(join(root, file), join(staging, file));
	writeFileSync(join(staging, 'package-lock.json'), JSON.stringify(narrowed(lockfile())));
	await npmCi('--prefix', staging);
	const staged = join(staging, 'node_modules');
	mkdirSync(staged, { recursive: true }); // npm makes none for no packages
	requireWhole(staged);
	return staged;
}

async function moveIn(staged) {
	try {
		if (existsSync(modules)) renameSync(modules, join(staging, 'old'));
		renameSync(staged, modules);
	} catch (error) {
		// A container's volume, or a layer of its image, can't be moved.
		if (!['EBUSY', 'EXDEV'].includes(error.code)) throw error;
		await npmCi();
		requireWhole(modules);
	}
	rmSync(staging, { recursive: true, force: true });
}

function writable() {
	try {
		requireWritable();
		return true;
	} catch {
		return false;
	}
}

/** Installing the packages, when the lockfile has changed since, or the machine has got a GPU. Needs no newer Node than the machine's own. */
export function install() {
	return {
		/** A GPU that is there now can wait; the rest can't. */
		stale() {
			const left = missing(modules);
			return left.some((path) => !backendOf(path)) || (left.length > 0 && writable());
		},
		async run() {
			const began = Date.now();
			const seconds = () => Math.round((Date.now() - began) / 1000);
			const { packages } = lockfile();
			if (!packages) throw new Stop('package-lock.json is missing or broken. Restore it (git checkout package-lock.json) and run the command again.');
			const forGpu = missing(modules).every(backendOf);
			const size = Object.keys(packages).some((path) => backendOf(path) === 'cuda' && usable(path)) ? '520 MB, most of it for the GPU' : '170 MB';
			say(
				forGpu
					? 'The engine for the GPU of this machine is not installed: installing the packages again, with it (once) …'
					: `Installing the packages (once), about ${size}: a minute on a fast line, several on a slow one …`
			);
			const patience = setInterval(() => say(`Still installing (${seconds()} s) …`), 30_000);
			try {
				const staged = await stage().catch((error) => {
					if (!forGpu) throw error;
					say(`${error.message} Until then models run without the GPU.`);
				});
				if (!staged) return;
				await moveIn(staged);
				say(`Installed in ${seconds()} s.`);
			} finally {
				clearInterval(patience);
			}
		}
	};
}
