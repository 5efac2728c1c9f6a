import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from './place.js';

// npm chooses by system and CPU. llama.cpp's binaries for GPUs are two thirds of the download, and most machines have no use for them.

const system32 = (name) => join(process.env.SystemRoot || 'C:\\Windows', 'System32', name);

/** What a driver leaves where there is such a GPU, by system. The engine for macOS is one package, with Metal. */
const nvidia = { linux: ['/dev/nvidiactl', '/proc/driver/nvidia/version', '/usr/lib/wsl/lib/libcuda.so.1'], win32: [system32('nvml.dll')] };
const signs = {
	cuda: nvidia,
	vulkan: { linux: [...nvidia.linux, '/dev/dri/renderD128', '/dev/kfd', '/dev/dxg'], win32: [system32('vulkan-1.dll')] }
};

const archNames = { armv7l: 'arm' };
const engine = /@node-llama-cpp\/(?:linux|mac|win)-([^-]+)(?:-(cuda|vulkan))?/;

/** The GPU backend that a package is for: `cuda`, `vulkan`, or undefined. */
export const backendOf = (path) => (engine.exec(path) || [])[2];

/** Whether the engine can use a package of the lockfile here. `GPU_PACKAGES` is for a folder that is set up on another machine than the one that it is for. */
export function usable(path, { choice = process.env.GPU_PACKAGES || 'auto', platform = process.platform, arch = process.arch, exists = existsSync } = {}) {
	if (!['auto', 'all', 'none'].includes(choice)) throw new Stop(`GPU_PACKAGES is "${choice}". Set it to auto (by the GPU of this machine), all or none.`);
	const [isEngine, packageArch, backend] = engine.exec(path) || [];
	if (!isEngine) return true;
	if ((archNames[packageArch] || packageArch) !== arch) return false;
	if (!backend || choice !== 'auto') return !backend || choice === 'all';
	return (signs[backend][platform] || []).some((sign) => exists(sign));
}
