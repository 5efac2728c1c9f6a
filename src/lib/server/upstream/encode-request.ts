import type { ChatMessage, ChatRequest } from '../../contract/chat.ts';

/** A message as OpenAI's API writes it; parts other than text travel as they came. */
function wireMessage(message: ChatMessage): object {
	const calls = message.toolCalls?.map(({ id, name, arguments: args }) => ({ id, type: 'function', function: { name, arguments: args } }));
	return {
		role: message.role,
		content: message.parts ?? (calls && !message.content ? null : message.content),
		...(message.name === undefined ? {} : { name: message.name }),
		...(calls ? { tool_calls: calls } : {}),
		// Templates that think between tool calls need it back; elsewhere some servers refuse it.
		...(calls && message.reasoning ? { reasoning_content: message.reasoning } : {}),
		...(message.toolCallId === undefined ? {} : { tool_call_id: message.toolCallId })
	};
}

/**
 * The body of `POST /v1/chat/completions`, or of `/v1/completions` for a raw prompt. It holds what the caller asked for and no default of ours: an upstream's
 * models have their own. Undefined members vanish in JSON. Who asks is not told.
 */
export function wireRequest(model: string, { messages, prompt, options: o }: ChatRequest): Record<string, unknown> {
	return {
		...o.further,
		model,
		...(prompt === undefined ? { messages: messages.map(wireMessage) } : { prompt }),
		stream: true,
		stream_options: { include_usage: true },
		temperature: o.temperature,
		top_p: o.topP,
		top_k: o.topK,
		min_p: o.minP,
		max_tokens: o.maxTokens === Infinity ? undefined : o.maxTokens,
		min_tokens: o.minTokens,
		ignore_eos: o.ignoreEnd,
		stop: o.stop,
		seed: o.seed,
		presence_penalty: o.presencePenalty,
		frequency_penalty: o.frequencyPenalty,
		repeat_penalty: o.repeatPenalty,
		logit_bias: o.logitBias,
		...(o.topLogprobs === undefined ? {} : prompt === undefined ? { logprobs: true, top_logprobs: o.topLogprobs } : { logprobs: o.topLogprobs }),
		n: o.choices,
		response_format: o.responseFormat,
		tools: o.tools,
		tool_choice: o.toolChoice,
		parallel_tool_calls: o.parallelToolCalls,
		reasoning_effort: o.reasoningEffort,
		reasoning_budget: o.reasoningBudget
	};
}
