import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { ParameterName } from '../parameters/catalogue.ts';
import { parametersFor } from '../parameters/values.ts';
import type { ModelSpec } from '../pool/model-spec.ts';
import type { RegisteredModel } from './registry.ts';

/** Whether this machine has a device that llama.cpp can use; looking for its driver costs nothing, asking it would. */
const hasGpu = () => process.platform === 'darwin' || ['/dev/nvidiactl', '/dev/kfd', '/dev/dri/renderD128'].some((device) => existsSync(device));

/** How the pool opens a registered model: its parameters, bounded by what the file and this machine allow. */
export function specOf(model: RegisteredModel): ModelSpec {
	const values = parametersFor(model.id);
	const number = (name: ParameterName) => values[name] as number;
	return {
		key: model.id,
		name: model.name,
		path: model.path,
		options: {
			contextLength: Math.min(number('contextLength'), model.contextLength ?? Infinity),
			slots: number('parallelSlots'),
			batchSize: number('batchSize'),
			// The library's own default spins four threads on two cores; see ENGINE facts in pool/design.md.
			threads: (values.threads as number | null) ?? availableParallelism(),
			gpuLayers: (values.gpuLayers as number | null) ?? (hasGpu() ? 'max' : 0),
			flashAttention: values.flashAttention as boolean,
			kvCacheType: values.kvCacheType as 'f16',
			purpose: 'generate'
		},
		idleUnloadMs: number('idleUnload') * 1000,
		loadTimeoutMs: number('loadTimeout') * 1000,
		progressTimeoutMs: number('progressTimeout') * 1000,
		pinned: model.pinned
	};
}
