const head = { id: 'chatcmpl-7f3a', created: 1735689600, model: 'model-name' };

/** Bodies that several operations answer. */
export const usage = { prompt_tokens: 14, completion_tokens: 9, total_tokens: 23, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 0 } };
export const chatChunk = { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: null }] };
export const usageChunk = { ...head, object: 'chat.completion.chunk', choices: [], usage };
export const chatCompletion = {
	...head,
	object: 'chat.completion',
	choices: [{ index: 0, message: { role: 'assistant', content: 'Hello! I am well, thank you.' }, logprobs: null, finish_reason: 'stop' }],
	usage
};
export const toolCallCompletion = {
	...head,
	object: 'chat.completion',
	choices: [
		{
			index: 0,
			message: { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lyon"}' } }] },
			logprobs: null,
			finish_reason: 'tool_calls'
		}
	],
	usage
};

/** Document B's validation error, with document A's members. */
export const problem = {
	type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
	title: 'Bad Request',
	status: 400,
	detail: 'The request was invalid',
	errors: ['Username is required', 'Password must be at least 1 character'],
	error: 'The request was invalid',
	code: 'VALIDATION_ERROR',
	details: 'Username is required; Password must be at least 1 character',
	requestId: '0191f7a2-6c1e-7cc0-9d1b-2f6f3a1c5e7d'
};
export const openAiErrorExample = { error: { message: 'There is no model "gpt-4"', type: 'invalid_request_error', param: 'model', code: 'model_not_found' } };
