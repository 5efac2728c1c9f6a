import { expect, it } from 'vitest';
import { nameFromPath } from './name-from-path.ts';

it('names a model after its file', () => {
	expect(nameFromPath(' /models/qwen3-4b-q4_k_m.gguf ')).toBe('qwen3-4b-q4_k_m');
	expect(nameFromPath('C:\\models\\Guide.GGUF')).toBe('Guide');
	expect(nameFromPath('/models/big-00001-of-00003.gguf')).toBe('big');
	expect(nameFromPath('')).toBe('');
});
