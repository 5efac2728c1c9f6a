import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { root } from '../launch/place.js';
import { routerDeclaration } from './router-types.ts';
import { npmTarball } from './tarball.ts';

/**
 * Builds the package's entry `./client`: one file of code and one of types, with everything they need. A program that uses it
 * installs nothing else. After the app's build, which makes the settings of TypeScript and the folder.
 */
const routerTypes = join(root, '.svelte-kit/router-types.d.ts');
writeFileSync(routerTypes, routerDeclaration(root));

const bundle = await rolldown({
	cwd: root,
	input: { index: 'src/client.ts' },
	platform: 'browser', // Node has all that it uses
	plugins: [
		{
			name: 'router-types',
			resolveId: { order: 'pre' as const, handler: (source) => (source.endsWith('/server/trpc/router.ts') ? routerTypes : undefined) }
		},
		dts({ tsconfig: 'tsconfig.json', oxc: true }) // what it reads has its types written out
	]
});
const folder = join(root, 'build/typed-client');
await bundle.write({ dir: folder, cleanDir: true });
await bundle.close();

// The same as a package by itself, which the server hands out: a client then always fits the server it talks to.
const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
const built = (file: string) => readFileSync(join(folder, file));
const manifest = { name, version, license, description: 'Typed client of a Llama Runner', type: 'module', exports: { './client': { types: './index.d.ts', default: './index.js' } } };
writeFileSync(join(root, 'build/client/client.tgz'), npmTarball({ 'package.json': JSON.stringify(manifest, null, 2), 'index.js': built('index.js'), 'index.d.ts': built('index.d.ts') }));
