/** A few hundred bytes that read as a model and hold none: thousands of them fill a models folder in a moment. */
import { encodeGguf, type Metadata } from './writer.ts';
import { constantTensor } from './weights.ts';

/** A valid header with a few keys, to which `metadata` adds, and one small tensor. */
export function stubGguf(metadata: Metadata = {}): Buffer {
	const family = metadata['general.architecture'] ?? 'llama';
	return Buffer.concat([
		...encodeGguf({
			metadata: {
				'general.architecture': family,
				'general.type': 'model',
				'general.name': 'Stub',
				'general.file_type': 1,
				[`${String(family)}.context_length`]: 4096,
				[`${String(family)}.block_count`]: 1,
				...metadata
			},
			tensors: [constantTensor('output_norm.weight', 'f32', [8], 1)]
		})
	]);
}
