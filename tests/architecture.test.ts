import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Every source file below src, as paths from src with forward slashes. */
const files = readdirSync(src, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && /\.(ts|js|svelte)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name))
	.map((entry) => relative(src, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

const importPattern = /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*${},\s]+\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Import specifiers of a file: own files as paths from src, packages as they are written. */
function importsOf(file: string): string[] {
	const text = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
	return [...text.matchAll(importPattern)].map((match) => {
		const specifier = (match[1] ?? match[2])!;
		if (specifier.startsWith('#lib/')) return `lib/${specifier.slice(5)}`;
		if (specifier.startsWith('.')) return relative(src, resolve(src, dirname(file), specifier)).replaceAll('\\', '/');
		return specifier;
	});
}

const platform = /^lib\/server\/[\w-]+\.ts$/;
/** Domain folders by level: one may import platform, db, contract and lower levels. */
const levels: Record<string, number> = {
	auth: 0, config: 0, parameters: 0, conversations: 0, logs: 0, metrics: 0, ratelimit: 0, audit: 0, pool: 0, upstream: 0,
	models: 1, monitoring: 1, health: 1, downloads: 1,
	chat: 2, guide: 2
};
const domainOf = (path: string) => {
	const folder = /^lib\/server\/([\w-]+)\//.exec(path)?.[1];
	return folder !== undefined && folder in levels ? folder : undefined;
};

type Rule = { layer: string; files: RegExp; never: (imported: string, file: string) => boolean };

const kit = /^(@sveltejs\/kit|\$app|\$env)/;
const trpcServer = /^@trpc\/server/;

const rules: Rule[] = [
	{ layer: 'contract', files: /^lib\/contract\//, never: (path) => path !== 'zod' && !path.startsWith('lib/contract/') },
	{ layer: 'openapi', files: /^lib\/openapi\//, never: (path) => path !== 'zod' && !/^lib\/(contract|openapi)\//.test(path) },
	{ layer: 'dialects', files: /^lib\/dialects\//, never: (path) => path.startsWith('lib/server/') || kit.test(path) },
	{
		layer: 'platform and db',
		files: /^lib\/server\/(db\/|(?!boot\.)[\w-]+\.ts$)/,
		never: (path) => path.startsWith('lib/server/') && !platform.test(path) && !path.startsWith('lib/server/db/')
	},
	{
		layer: 'domain',
		files: new RegExp(`^lib/server/(${Object.keys(levels).join('|')})/`),
		never: (path, file) => {
			if (kit.test(path) || trpcServer.test(path) || path === 'ws') return true;
			if (/^lib\/server\/(http|realtime|trpc)\//.test(path) || path === 'lib/server/boot.ts') return true;
			const [own, other] = [domainOf(file)!, domainOf(path)];
			// logs is the one sibling everybody may use: it is where a fact is written down.
			return other !== undefined && other !== own && other !== 'logs' && levels[other]! >= levels[own]!;
		}
	},
	{ layer: 'trpc', files: /^lib\/server\/trpc\//, never: (path) => kit.test(path) || /^lib\/server\/(http|realtime)\//.test(path) },
	{
		layer: 'http and realtime',
		files: /^lib\/server\/(http|realtime)\//,
		never: (path) => {
			if (path.startsWith('lib/server/db/')) return true;
			const domain = domainOf(path);
			return domain !== undefined && !['auth', 'ratelimit', 'metrics', 'logs'].includes(domain);
		}
	},
	{
		layer: 'endpoints',
		files: /^routes\/(api|v1|health|metrics|trpc)\//,
		never: (path) => path.startsWith('lib/server/') && !/^lib\/server\/(http\/|errors\.ts)/.test(path)
	},
	{
		layer: 'pages, state and components',
		files: /^(routes\/(\(app\)|login|\+)|lib\/(state|components|i18n)\/|lib\/trpc\.ts)/,
		never: (path) => path.startsWith('lib/server/') && path !== 'lib/server/trpc/router.ts'
	},
	{ layer: 'entry', files: /^(server|edge)\.js$/, never: (path) => path.startsWith('lib/') },
	{
		layer: 'typed client',
		files: /^(client|lib\/trpc-link)\.ts$/,
		never: (path) => path.startsWith('lib/') && !['lib/trpc-link.ts', 'lib/server/trpc/router.ts'].includes(path) // the router for its type
	}
];

/** Packages that have one door. */
const doors: [packageName: RegExp, door: RegExp][] = [
	[/^node-llama-cpp/, /^lib\/server\/pool\/engine\//],
	[/^systeminformation/, /^lib\/server\/monitoring\/sample\.ts$/],
	[/^(lucia|@lucia-auth)/, /^lib\/server\/auth\/sessions\.ts$/],
	[/^better-sqlite3/, /^lib\/server\/db\//],
	[/^ws$/, /^lib\/server\/(realtime\/|boot\.ts)/]
];

describe('the layers of the README hold', () => {
	it.each(rules)('$layer imports only what it may', ({ files: pattern, never }) => {
		const governed = files.filter((file) => pattern.test(file));
		const broken = governed.flatMap((file) => importsOf(file).filter((path) => never(path, file)).map((path) => `${file} imports ${path}`));
		expect(broken).toEqual([]);
	});

	it('each outside package has one door', () => {
		const broken = files.flatMap((file) =>
			importsOf(file).flatMap((path) => doors.filter(([name, door]) => name.test(path) && !door.test(file)).map(() => `${file} imports ${path}`))
		);
		expect(broken).toEqual([]);
	});

	it('process.env is read in env.ts and the entry alone', () => {
		const readers = files.filter((file) => /process\.env\b/.test(readFileSync(join(src, file), 'utf8')));
		expect(readers.filter((file) => !['server.js', 'lib/server/env.ts'].includes(file) && !file.startsWith('lib/server/pool/engine'))).toEqual([]);
	});

	it('no folder is a drawer without a name of its own', () => {
		const drawers = ['src', 'tests', 'scripts'].flatMap((top) =>
			readdirSync(join(root, top), { recursive: true }).map(String).filter((path) => /(^|[\\/])(utils?|helpers?|common|misc|shared)([\\/]|\.[tj]s$|$)/.test(path))
		);
		expect(drawers).toEqual([]);
	});

	it('sees the sources at all', () => {
		expect(files).toContain('hooks.server.ts');
		expect(importsOf('lib/server/boot.ts')).toContain('lib/server/db/index.ts');
	});
});
