/**
 * node-llama-cpp tries a binary in a further process before it loads it, which takes as long as all the rest of a start
 * (measured: 0.7 of 1.4 s). An engine that has a process of its own needs no trial for the CPU's binary: there is no other one
 * to fall back to. Between GPU backends the trial decides, so it stays. Resolves to what the package's own module does.
 */
import { registerHooks } from 'node:module';

const trial = '/node-llama-cpp/dist/bindings/utils/testBindingBinary.js';

const source = (url: string) => `
export async function testBindingBinary(path, backends, gpu, ...rest) {
	if (gpu === false) return true;
	return (await import(${JSON.stringify(`${url}?trial`)})).testBindingBinary(path, backends, gpu, ...rest);
}`;

export function trustCpuBinary(): void {
	registerHooks({
		load: (url, context, nextLoad) => (url.endsWith(trial) ? { format: 'module', shortCircuit: true, source: source(url) } : nextLoad(url, context))
	});
}
