import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parametersFor } from '../parameters/values.ts';
import type { ModelSpec } from '../pool/model-spec.ts';
import type { RegisteredModel } from './registry.ts';
import { stateSettingsOf } from './state-settings.ts';

/** Whether this machine has a device that llama.cpp can use; looking for its driver costs nothing, asking it would. */
const hasGpu = () => process.platform === 'darwin' || ['/dev/nvidiactl', '/dev/kfd', '/dev/dri/renderD128'].some((device) => existsSync(device));

/** Below this, a token is less work than handing it from thread to thread, and threads that spin for each other lose most on a busy machine (62M on 2 cores: 240 tokens/s with one thread, 130 with two). */
const singleThreadParameters = 100_000_000;

/** Threads that suit a model here. The library's own default spins four on two cores. */
const threadsFor = ({ parameterCount }: RegisteredModel) => (parameterCount !== null && parameterCount < singleThreadParameters ? 1 : availableParallelism());

/** How the pool opens a registered model: its parameters, bounded by what the file and this machine allow. */
export function specOf(model: RegisteredModel): ModelSpec {
	const values = parametersFor(model.id);
	const states = model.purpose === 'generate' ? stateSettingsOf(model.id) : undefined;
	return {
		key: model.id,
		name: model.name,
		path: model.path,
		options: {
			contextLength: Math.min(values.contextLength, model.contextLength ?? Infinity),
			slots: values.parallelSlots,
			batchSize: values.batchSize,
			threads: values.threads ?? threadsFor(model),
			gpuLayers: values.gpuLayers ?? (hasGpu() ? 'max' : 0),
			// llama.cpp refuses a quantised cache without it.
			flashAttention: values.flashAttention || ['q8_0', 'q4_0'].includes(values.kvCacheType),
			kvCacheType: values.kvCacheType,
			purpose: model.purpose,
			...(states ? { states } : {})
		},
		idleUnloadMs: values.idleUnload * 1000,
		loadTimeoutMs: values.loadTimeout * 1000,
		progressTimeoutMs: values.progressTimeout * 1000,
		pinned: model.pinned
	};
}
