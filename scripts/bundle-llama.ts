import type { Plugin } from 'vite';
import { binaryTrial, trustingModule } from '../src/lib/server/pool/engine/trust-cpu-binary.ts';

const dist = 'node-llama-cpp/dist/';
const late = "await import('node-llama-cpp')";

/**
 * Puts node-llama-cpp itself into the engine's one file: an engine then starts with one module instead of 583 (measured: 0.18 s of
 * CPU instead of 0.5 s, and 19 MB less). Its modules find binaries and data beside themselves, so each keeps its own address.
 */
export function bundleLlama(): Plugin {
	return {
		name: 'llama-runner-bundle-llama',
		enforce: 'pre',
		transform(code, id) {
			const at = id.lastIndexOf(dist);
			// Loaded late, its modules, which wait at their top level and import each other in circles, would wait for each other.
			if (at < 0) return code.includes(late) ? { code: `import * as llamaCpp from 'node-llama-cpp';\n${code.replaceAll(late, 'llamaCpp')}`, map: null } : undefined;
			const address = `new URL(${JSON.stringify(id.slice(at + dist.length))}, import.meta.resolve('node-llama-cpp')).href`;
			if (id.endsWith(binaryTrial)) return { code: trustingModule(address), map: null };
			return code.includes('import.meta.url') ? { code: code.replaceAll('import.meta.url', `(${address})`), map: null } : undefined;
		}
	};
}
