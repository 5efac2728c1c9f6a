/**
 * node-llama-cpp tries a binary in a further process before it loads it, which takes as long as all the rest of a start
 * (measured: 0.7 of 1.4 s). An engine that has a process of its own needs no trial for the CPU's binary: there is no other one
 * to fall back to. Between GPU backends the trial decides, so it stays.
 */
import { registerHooks } from 'node:module';

/** The module of node-llama-cpp that tries binaries, as its address or path ends. */
export const binaryTrial = 'node-llama-cpp/dist/bindings/utils/testBindingBinary.js';

/** What stands in for that module. `original`: a JavaScript expression for its address. */
export const trustingModule = (original: string): string => `
export async function testBindingBinary(path, backends, gpu, ...rest) {
	if (gpu === false) return true;
	return (await import(/* @vite-ignore */ ${original})).testBindingBinary(path, backends, gpu, ...rest);
}`;

/** Where the engine runs from its sources; the build has put {@link trustingModule} in already. */
export function trustCpuBinary(): void {
	registerHooks({
		load: (url, context, nextLoad) =>
			url.endsWith(`/${binaryTrial}`) ? { format: 'module', shortCircuit: true, source: trustingModule(JSON.stringify(`${url}?trial`)) } : nextLoad(url, context)
	});
}
