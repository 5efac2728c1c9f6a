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
export const anthropicErrorExample = { type: 'error', error: { type: 'not_found_error', message: 'There is no model "claude-x". GET /api/models lists the models there are' }, request_id: problem.requestId };

export const textCompletion = { id: 'cmpl-7f3a', object: 'text_completion', created: 1735689600, model: 'model-name', choices: [{ index: 0, text: ' there was a llama.', logprobs: null, finish_reason: 'stop' }], usage };
export const response = {
	id: 'resp_7f3a', object: 'response', created_at: 1735689600, status: 'completed', background: false, error: null, incomplete_details: null, instructions: null, max_output_tokens: null, metadata: {}, model: 'model-name',
	output: [{ type: 'message', id: 'msg_7f3a_0', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Hello!', annotations: [], logprobs: [] }] }],
	parallel_tool_calls: true, previous_response_id: null, reasoning: { effort: null, summary: null }, store: false, temperature: null, text: { format: { type: 'text' } }, tool_choice: 'auto', tools: [], top_p: null, truncation: 'disabled',
	usage: { input_tokens: 14, input_tokens_details: { cached_tokens: 0 }, output_tokens: 3, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 17 }
};
export const anthropicMessage = {
	id: 'msg_7f3a', type: 'message', role: 'assistant', model: 'model-name', content: [{ type: 'text', text: 'Hello!' }], stop_reason: 'end_turn', stop_sequence: null,
	usage: { input_tokens: 14, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 3 }
};
