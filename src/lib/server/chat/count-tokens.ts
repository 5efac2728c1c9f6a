import type { ChatRequest } from '../../contract/chat.ts';
import { findChatModel, completeOptions } from './route.ts';
import { pool } from '../models/running.ts';
import { specOf } from '../models/spec.ts';

/** characters that a token stands for, about, where there is no tokenizer to ask */
const charactersPerToken = 4;

/**
 * Tokens of the prompt that a chat request is rendered to; loads a local model when it is not. An upstream's model is not asked:
 * `exact` is false then, and the number an estimate by length, tools included.
 * @throws AppError as `routeModel`, MODEL_LOAD_ERROR, UNSUPPORTED_PARAMETER
 */
export async function countTokens(request: ChatRequest, signal: AbortSignal): Promise<{ model: string; tokens: number; exact: boolean }> {
	const model = await findChatModel(request.model, signal);
	if (model.local) {
		const options = completeOptions(request.options, model.local.id);
		return { model: model.local.name, tokens: await pool().countPrompt(specOf(model.local), { messages: request.messages, options }, signal), exact: true };
	}
	const texts = request.messages.flatMap(({ role, content, toolCalls }) => [role, content, ...(toolCalls ? [JSON.stringify(toolCalls)] : [])]);
	if (request.options.tools?.length) texts.push(JSON.stringify(request.options.tools));
	return { model: model.offer.name, tokens: Math.ceil(texts.join('').length / charactersPerToken), exact: false };
}
