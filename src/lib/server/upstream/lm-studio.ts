import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';
import { embedAt } from './embed.ts';
import { wireRequest } from './encode-request.ts';
import { noListOf, type UpstreamFailure } from './failure.ts';
import { readNativeList, readOlderNativeList, readOpenAiList } from './model-lists.ts';
import { getJson, streamCompletion } from './openai-compatible.ts';
import type { Provider, UpstreamAddress, UpstreamLimits, UpstreamModel } from './provider.ts';

/** Where LM Studio lists its models, the most telling first. */
const lists: [path: string, read: (body: unknown) => UpstreamModel[] | undefined][] = [
	['/api/v1/models', readNativeList],
	['/api/v0/models', readOlderNativeList],
	['/v1/models', readOpenAiList]
];

/**
 * LM Studio refuses `json_object` (its bugs 169, 307, 2403): any object is what it means. It refuses to be told which tool to
 * call, too (its bug 670): the only one that it then knows of is the same.
 */
function lmStudioRequest(model: string, request: ChatRequest): Record<string, unknown> {
	const { responseFormat, tools, toolChoice } = request.options;
	return {
		...wireRequest(model, request),
		...(responseFormat?.type === 'json_object' ? { response_format: { type: 'json_schema', json_schema: { name: 'object', schema: { type: 'object' } } } } : {}),
		...(typeof toolChoice === 'object' ? { tool_choice: 'required', tools: tools?.filter((tool) => tool.function.name === toolChoice.function.name) } : {})
	};
}

/**
 * LM Studio, or whatever OpenAI-compatible server stands at its address. Requests to a model that is not loaded wait
 * for the first of them: several at once make it load several copies (its bug 1751).
 */
export function lmStudio(address: UpstreamAddress): Provider {
	/** the list that answered last; asked first the next time */
	let known = 0;
	/** model → whether the request that loads it has begun to answer */
	const loading = new Map<string, Promise<boolean>>();

	async function* stream(model: UpstreamModel, request: ChatRequest, limits: UpstreamLimits, signal: AbortSignal): AsyncGenerator<ChatEvent> {
		const answer = () => streamCompletion(address, model, lmStudioRequest(model.id, request), request, limits, signal);
		if (model.loaded !== false) return yield* answer();
		yield { type: 'progress', phase: 'loading', fraction: 0 };
		while (loading.has(model.id)) if (await orAborted(loading.get(model.id)!, signal)) return yield* answer();
		const first = Promise.withResolvers<boolean>();
		loading.set(model.id, first.promise);
		const settle = (loaded: boolean) => {
			if (loading.get(model.id) === first.promise) loading.delete(model.id);
			model.loaded ||= loaded;
			first.resolve(loaded);
		};
		try {
			for await (const event of answer()) {
				settle(true);
				yield event;
			}
		} finally {
			settle(false);
		}
	}

	return {
		embed: (model, inputs, limits, signal) => embedAt(address, model, inputs, limits, signal),
		async listModels(signal) {
			let failure: UpstreamFailure | undefined;
			for (const index of [...new Set([known, 0, 1, 2])]) {
				const [path, read] = lists[index]!;
				const { status, body } = await getJson(address, path, signal);
				const models = read(body);
				if (models) {
					known = index;
					return models;
				}
				failure = noListOf(address.name, status, body);
				if (status === 401 || status === 403) break; // the others would say the same
			}
			throw failure!;
		},
		stream
	};
}

/** @throws AbortError as soon as the signal fires */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	const aborted = Promise.withResolvers<never>();
	const abort = () => aborted.reject(new DOMException('The request was cancelled', 'AbortError'));
	signal.addEventListener('abort', abort);
	if (signal.aborted) abort();
	try {
		return await Promise.race([promise, aborted.promise]);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}
