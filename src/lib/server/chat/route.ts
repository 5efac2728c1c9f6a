import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ChatOptions, ChatRequest } from '../../contract/chat.ts';
import { readConfig } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { findModel } from '../models/catalog.ts';
import type { RegisteredModel } from '../models/registry.ts';
import { pool } from '../models/running.ts';
import { specOf } from '../models/spec.ts';
import { parameters } from '../parameters/catalogue.ts';
import { parametersFor } from '../parameters/values.ts';
import { streamBalanced } from '../upstream/balance.ts';
import type { Offer } from '../upstream/offers.ts';
import type { Asker, ChatEngine } from './engine.ts';

/** The request's options with everything it left out taken from the model's parameters. */
export function completeOptions(options: ChatOptions, modelId: string) {
	const values = parametersFor(modelId);
	const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ChatOptions;
	return {
		temperature: values.temperature as number,
		topP: values.topP as number,
		topK: values.topK as number,
		minP: values.minP as number,
		maxTokens: values.maxTokens as number,
		repeatPenalty: values.repeatPenalty as number,
		presencePenalty: values.presencePenalty as number,
		frequencyPenalty: values.frequencyPenalty as number,
		stop: values.stop as string[],
		// The engine's own default is the clock in seconds, which makes twins of two requests in one second.
		seed: (values.seed as number | null) ?? randomInt(2 ** 32),
		...given
	};
}

const localEngine = (model: RegisteredModel): ChatEngine => ({
	model: model.name,
	stream: (request: ChatRequest, asker: Asker, signal: AbortSignal) =>
		pool().stream(
			specOf(model),
			{
				messages: request.messages, ...(request.prompt === undefined ? {} : { prompt: request.prompt }), options: completeOptions(request.options, model.id),
				user: asker.userId, priority: asker.priority, cacheKey: asker.userId, ...(asker.conversationId ? { conversation: asker.conversationId } : {})
			},
			signal
		)
});

const sampling = ['temperature', 'topP', 'topK', 'minP', 'maxTokens', 'repeatPenalty', 'presencePenalty', 'frequencyPenalty', 'stop', 'seed'] as const;

/** An upstream's models have defaults of their own: it is sent what the caller asks for, and what was changed here for all models. */
function givenOptions(options: ChatOptions): ChatOptions {
	const values = parametersFor('');
	const changed = sampling.filter((name) => options[name] === undefined && values[name] !== null && !isDeepStrictEqual(values[name], parameters[name].default));
	return { ...options, ...Object.fromEntries(changed.map((name) => [name, values[name]])) };
}

const upstreamEngine = ({ name, candidates }: Offer): ChatEngine => ({
	model: name,
	stream(request: ChatRequest, _asker: Asker, signal: AbortSignal) {
		const values = parametersFor('');
		const limits = { firstEventMs: values.loadTimeout * 1000, stallMs: values.progressTimeout * 1000 };
		return streamBalanced(candidates, { ...request, options: givenOptions(request.options) }, limits, signal);
	}
});

/** The model of that name; without a name the configuration's default model. @throws AppError VALIDATION_ERROR, MODEL_NOT_FOUND */
export async function findChatModel(name: string | undefined, signal: AbortSignal) {
	const wanted = name || readConfig().models.defaultModel;
	if (!wanted) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: ['model is required: there is no default model'] });
	const model = await findModel(wanted, signal);
	if (!model) throw new AppError('MODEL_NOT_FOUND', `There is no model "${wanted}"`, { details: 'GET /api/models lists the models there are' });
	return model;
}

/**
 * The engine that answers for a model's name.
 * @throws AppError as {@link findChatModel}, VALIDATION_ERROR for one that does not chat
 */
export async function routeModel(wanted: string | undefined, signal: AbortSignal): Promise<ChatEngine> {
	const model = await findChatModel(wanted, signal);
	if (model.local) return localEngine(model.local);
	if (!model.offer.candidates.some((candidate) => candidate.model.chats)) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`model: "${model.offer.name}" makes embeddings, it does not chat`] });
	return upstreamEngine(model.offer);
}
