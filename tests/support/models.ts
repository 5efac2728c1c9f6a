/** The models that tests load: each call puts a GGUF file into a folder and gives its path. */
import { join } from 'node:path';
import { placeModel } from './gguf/model-cache.ts';
import type { ModelOptions, Script } from './gguf/model.ts';

/** `fileName` is within the folder, with its ending. */
export type TestModelOptions = ModelOptions & { fileName?: string };

const place = (dir: string, usualName: string, { fileName = usualName, ...options }: TestModelOptions) => placeModel(join(dir, fileName), options);

/** Random text that never ends by itself: for streams, stops and limits. About 2 MB. */
export const tinyModel = (dir: string, options: TestModelOptions = {}): string => place(dir, 'tiny.gguf', options);

/**
 * Answers every prompt with one sentence and then ends (or, with `loop`, begins again): for tests that assert text.
 * Also `<think>…</think>` and `<tool_call>…</tool_call>` scripts.
 */
export function scriptedModel(dir: string, { sentence, loop, bytewise, ...options }: Script & Omit<TestModelOptions, 'script'>): string {
	return place(dir, 'scripted.gguf', { name: 'Scripted', ...options, script: { sentence, loop, bytewise } });
}
