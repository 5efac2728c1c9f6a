import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { root } from '../launch/place.js';
import { routerDeclaration } from './router-types.ts';

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
		dts({ tsconfig: 'tsconfig.json', generator: 'oxc' })
	]
});
await bundle.write({ dir: join(root, 'build/typed-client'), cleanDir: true });
await bundle.close();
