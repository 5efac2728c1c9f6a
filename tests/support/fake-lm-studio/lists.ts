import type { Behaviour, FakeModel } from './behaviour.ts';

const maxOf = (model: FakeModel) => model.maxContextLength ?? 32_768;

/** `GET /api/v1/models`: member `models`, `key` instead of `id`. */
export const nativeList = ({ models }: Behaviour, instances: Record<string, number>) => ({
	models: models.map((model) => ({
		type: model.type === 'embedding' ? 'embedding' : 'llm',
		publisher: 'lmstudio-community',
		key: model.key,
		display_name: model.key,
		architecture: 'qwen3',
		quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
		size_bytes: 2_500_000_000,
		params_string: '4B',
		loaded_instances: Array.from({ length: instances[model.key] ?? 0 }, (_, index) => ({
			id: index === 0 ? model.key : `${model.key}:${index + 1}`,
			config: { context_length: model.contextLength ?? 4096, eval_batch_size: 512, parallel: 4, flash_attention: false, num_experts: 0, offload_kv_cache_to_gpu: true }
		})),
		max_context_length: maxOf(model),
		format: 'gguf',
		capabilities: { vision: false, trained_for_tool_use: true },
		variants: [model.key],
		selected_variant: model.key
	}))
});

/** `GET /api/v0/models`: member `data`, a state, the loaded length when loaded. */
export const olderList = ({ models }: Behaviour, instances: Record<string, number>) => ({
	object: 'list',
	data: models.map((model) => {
		const loaded = (instances[model.key] ?? 0) > 0;
		return {
			id: model.key, object: 'model', type: model.type === 'embedding' ? 'embeddings' : 'llm', publisher: 'lmstudio-community', arch: 'qwen3',
			compatibility_type: 'gguf', quantization: 'Q4_K_M', state: loaded ? 'loaded' : 'not-loaded', max_context_length: maxOf(model),
			...(loaded ? { loaded_context_length: model.contextLength ?? 4096 } : {}), capabilities: ['tool_use']
		};
	})
});

/** `GET /v1/models`: no `created`, no context length; everything downloaded with JIT, else what is loaded. */
export const openAiList = ({ models, jit }: Behaviour, instances: Record<string, number>) => ({
	object: 'list',
	data: models.filter((model) => jit || (instances[model.key] ?? 0) > 0).map(({ key }) => ({ id: key, object: 'model', owned_by: 'organization_owner' }))
});
