import { readFile } from 'node:fs/promises';
import { arch, cpus, release, type } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../../../package.json' with { type: 'json' };
import { version } from '../config/config.ts';
import { database } from '../db/index.ts';
import { env } from '../env.ts';

/** What runs here, for the person who is asked about it. */
export type About = {
	version: string;
	uptimeSeconds: number;
	node: string;
	/** `llamaCpp`: its release; null where it was built from source */
	engine: { binding: string; llamaCpp: string | null };
	system: string;
	sqlite: string;
	/** without what waits in its log */
	databaseBytes: number;
	/** what the program is made with; empty where its lock file is not beside it */
	packages: { name: string; version: string; licence: string }[];
};

type Lock = { packages: Record<string, { version?: string; license?: string } | undefined> };

/** A JSON file of the program's folder, or undefined. */
async function readBeside<T>(...path: string[]): Promise<T | undefined> {
	try {
		return JSON.parse(await readFile(join(env().root, ...path), 'utf8')) as T;
	} catch {
		return undefined;
	}
}

async function packages(): Promise<About['packages']> {
	const lock = await readBeside<Lock>('package-lock.json');
	const names = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies }).sort();
	return names.flatMap((name) => {
		const locked = lock?.packages[`node_modules/${name}`];
		return locked?.version ? [{ name, version: locked.version, licence: locked.license ?? '' }] : [];
	});
}

export async function about(): Promise<About> {
	const { $client: client } = database();
	const pragma = (name: string) => client.pragma(name, { simple: true }) as number;
	const built = await readBeside<{ release: string }>('node_modules/node-llama-cpp/llama/binariesGithubRelease.json');
	return {
		version,
		uptimeSeconds: Math.floor(process.uptime()),
		node: process.versions.node,
		engine: { binding: packageJson.dependencies['node-llama-cpp'], llamaCpp: built?.release ?? null },
		system: `${type()} ${release()} · ${arch()} · ${cpus().length} CPU`,
		sqlite: client.prepare('SELECT sqlite_version()').pluck().get() as string,
		databaseBytes: pragma('page_count') * pragma('page_size'),
		packages: await packages()
	};
}
