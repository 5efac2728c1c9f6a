import type { LlamaModel } from 'node-llama-cpp';
import { AppError } from '../../errors.ts';

/** The text of tokens, control tokens included. Throws VALIDATION_ERROR for one that is not among the model's `vocabularySize`. */
export function detokenizeAll(model: LlamaModel, tokens: number[], vocabularySize: number): string {
	const unknown = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
	if (unknown !== undefined) throw new AppError('VALIDATION_ERROR', `tokens names ${unknown}, but this model has only the tokens 0 to ${vocabularySize - 1}`);
	return model.detokenize(tokens as never, true);
}
