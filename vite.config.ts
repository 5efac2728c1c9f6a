import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { bundleLlama } from './scripts/bundle-llama.ts';
import { devServer } from './scripts/dev-server.ts';

/** They wait, for time-outs and limits in seconds, more than they compute: early, and in turn with others that use the cores meanwhile. */
const waiting = ['websocket-clients', 'chat-socket', 'parameters-reach', 'crash', 'launch', 'websocket', 'upstreams', 'downloads', 'kill-nine', 'chaos', 'clients', 'monitoring'].map((name) => `/${name}.test.ts`);

class WaitingEarly extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		const first = waiting.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(name)));
		const others = sorted.filter((file) => !first.includes(file));
		return [...first.flatMap((file, i) => [file, ...others.slice(i, i + 1)]), ...others.slice(first.length)];
	}
}

/** They set what is read once, or where llama.cpp's messages go: each in a process of its own. All others close what they open, and share theirs. */
const alone = ['src/lib/server/downloads/downloads.test.ts', 'src/lib/server/chat/parameters-reach.test.ts', 'src/lib/server/pool/engine/precheck.test.ts'];

const unit = (name: string, files: { include?: string[]; exclude?: string[]; isolate: boolean }) => ({
	extends: true as const,
	test: {
		name,
		include: ['src/**/*.test.ts', 'tests/architecture.test.ts', 'tests/support/**/*.test.ts', 'scripts/**/*.test.ts'],
		environment: 'node' as const,
		// The whole test run has built the engine's one file before, which starts in half the time; a single test runs from the sources.
		env: process.env.BUILT_ENGINE ? { PROD: '1' } : {},
		// Hundreds of small files, which each test file would read anew for a second.
		deps: { optimizer: { ssr: { enabled: true, include: ['drizzle-orm', 'drizzle-orm/better-sqlite3', 'drizzle-orm/better-sqlite3/migrator', 'drizzle-orm/sqlite-core', '@lucia-auth/adapter-drizzle', 'zod', '@trpc/server'] } } },
		testTimeout: 30_000,
		hookTimeout: 60_000,
		...files
	}
});

/** The app: pages, endpoints, tRPC. */
const app = {
	plugins: [devServer(), tailwindcss(), sveltekit()],
	build: { target: 'es2022' },
	// What eight pages or more share is one script: the first page loads 30 of them instead of 50, and shows its message box a tenth sooner.
	environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 8 }] } } } } } },
	server: { host: '127.0.0.1', port: 5173 },
	test: {
		projects: [
			unit('unit', { exclude: alone, isolate: false }),
			unit('unit-alone', { include: alone, isolate: true }),
			{
				extends: true as const,
				// what they test runs in processes of its own
				test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], environment: 'node', isolate: false, testTimeout: 30_000, hookTimeout: 60_000 }
			}
		],
		// Two cores, and two for who waits.
		maxWorkers: 4,
		sequence: { sequencer: WaitingEarly }
	}
};

/** The engine's child process: one self-contained file beside the app's build, which the adapter empties (hence a second pass). */
const engine = {
	publicDir: false as const,
	plugins: [bundleLlama()],
	// The binaries stay packages of their own; the two others are optional, and for Electron and copy-on-write copies.
	ssr: { noExternal: true as const },
	build: {
		ssr: 'src/lib/server/pool/engine/child.ts',
		outDir: 'build',
		emptyOutDir: false,
		copyPublicDir: false,
		target: 'node22',
		sourcemap: true,
		rolldownOptions: { external: [/^@node-llama-cpp\//, /^@reflink\//, 'electron'], output: { entryFileNames: 'engine.js', codeSplitting: false } }
	}
};

export default defineConfig(({ mode }) => (mode === 'engine' ? engine : app));
