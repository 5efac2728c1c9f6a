import { readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { requireWritable, runtimeDir, say, Stop, writeProblem } from './place.js';

const path = join(runtimeDir, 'lock');
const beatMs = 1000;
/** A holder that is alive touches the lock every second. One that can't be asked (another machine, a reused pid) is given this long. */
const silenceMs = 30_000;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function alive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error.code === 'EPERM';
	}
}

function take() {
	try {
		writeFileSync(path, `${process.pid} ${hostname()}`, { flag: 'wx' });
		return true;
	} catch (error) {
		if (error.code === 'EEXIST') return false;
		throw new Stop(writeProblem(error.code) || error.message);
	}
}

/** Who holds the lock and when it was touched last; undefined when it is gone. */
function holder() {
	try {
		const [pid, host] = readFileSync(path, 'utf8').split(' ');
		return { pid: Number(pid), dead: host === hostname() && (Number(pid) === process.pid || !alive(Number(pid))), touched: statSync(path).mtimeMs };
	} catch {
		return undefined;
	}
}

/** Removes a dead holder's lock. Renamed first and looked at again, so that two waiters can't remove each other's new one. */
function bury(touched) {
	const grave = `${path}.${process.pid}`;
	try {
		renameSync(path, grave);
		if (statSync(grave).mtimeMs !== touched) renameSync(grave, path);
		else unlinkSync(grave);
	} catch {
		// Another waiter was faster.
	}
}

async function wait() {
	let last = { touched: 0, since: 0 };
	let told = false;
	while (!take()) {
		const now = holder();
		if (!now) continue;
		if (now.touched !== last.touched) last = { touched: now.touched, since: Date.now() };
		if (now.dead || Date.now() - last.since > silenceMs) {
			bury(now.touched);
			continue;
		}
		if (!told) say(`Another command (process ${now.pid}) is setting this folder up: waiting for it.`);
		told = true;
		await sleep(300);
	}
}

/** Runs `work` while no other launcher sets up the same checkout. A lock that a killed launcher left is taken over. */
export async function withLock(work) {
	requireWritable();
	await wait();
	const release = () => {
		try {
			unlinkSync(path);
		} catch {
			// Deleted by hand.
		}
	};
	const beat = setInterval(() => {
		try {
			utimesSync(path, new Date(), new Date());
		} catch {
			// Deleted by hand.
		}
	}, beatMs);
	process.once('exit', release);
	try {
		return await work();
	} finally {
		clearInterval(beat);
		process.removeListener('exit', release);
		release();
	}
}
