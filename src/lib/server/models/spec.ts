import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parametersFor } from '../parameters/values.ts';
import type { ModelSpec } from '../pool/model-spec.ts';
import type { RegisteredModel } from './registry.ts';

/** Whether this machine has a device that llama.cpp can use; looking for its driver costs nothing, asking it would. */
const hasGpu = () => process.platform === 'darwin' || ['/dev/nvidiactl', '/dev/kfd', '/dev/dri/renderD128'].some((device) => existsSync(device));

/** How the pool opens a registered model: its parameters, bounded by what the file and this machine allow. */
export function specOf(model: RegisteredModel): ModelSpec {
	const values = parametersFor(model.id);
	return {
		key: model.id,
		name: model.name,
		path: model.path,
		options: {
			contextLength: Math.min(values.contextLength, model.contextLength ?? Infinity),
			slots: values.parallelSlots,
			batchSize: values.batchSize,
			// The library's own default spins four threads on two cores; see ENGINE facts in pool/design.md.
			threads: values.threads ?? availableParallelism(),
			gpuLayers: values.gpuLayers ?? (hasGpu() ? 'max' : 0),
			// llama.cpp refuses a quantised cache without it.
			flashAttention: values.flashAttention || ['q8_0', 'q4_0'].includes(values.kvCacheType),
			kvCacheType: values.kvCacheType,
			purpose: 'generate'
		},
		idleUnloadMs: values.idleUnload * 1000,
		loadTimeoutMs: values.loadTimeout * 1000,
		progressTimeoutMs: values.progressTimeout * 1000,
		pinned: model.pinned
	};
}
