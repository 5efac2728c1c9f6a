import type { ErrorFacts } from '../../contract/errors.ts';
import { completionOf, errorObject } from '../../dialects/openai-chat.ts';
import { answerFrames, followAnswer, wholeAnswer, type FollowedAnswer } from './chat-answer.ts';
import type { EndpointInput } from './endpoint.ts';
import { commentFrame, dataFrame, sseResponse } from './sse.ts';

async function* sseFrames(answer: FollowedAnswer, includeUsage: boolean, shownError: (error: ErrorFacts) => object): AsyncGenerator<string, void, void> {
	for await (const frame of answerFrames(answer, includeUsage)) {
		if ('error' in frame) return yield dataFrame(shownError(frame.error.facts));
		yield 'chunk' in frame ? dataFrame(frame.chunk) : commentFrame(frame.comment);
	}
	yield dataFrame('[DONE]');
}

/**
 * `POST /api/chat`: Server-Sent Events of OpenAI chunks, or with `stream: false` one `chat.completion`.
 * Both are the same server-owned answer, which leaving cancels.
 * @param shownError the frame that tells of a failure once the head has been sent
 */
export async function chatResponse({ caller, body, event }: Pick<EndpointInput, 'caller' | 'body' | 'event'>, shownError: (error: ErrorFacts) => object = errorObject): Promise<Response> {
	const answer = await followAnswer(caller, body, event.locals.context.signal);
	const headers: Record<string, string> = answer.conversationId ? { 'x-conversation-id': answer.conversationId } : {};
	if (body.stream === false) return Response.json(completionOf(answer.head, await wholeAnswer(answer.rows)), { headers });
	return sseResponse(sseFrames(answer, body.stream_options?.include_usage === true, shownError), answer.stop, headers);
}
