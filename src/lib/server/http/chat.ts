import type { AnswerDialect } from '../../dialects/answer-dialect.ts';
import { chatCompletions, errorObject } from '../../dialects/openai-chat.ts';
import { answerFrames, followAnswer, wholeAnswer, type FollowedAnswer } from './chat-answer.ts';
import type { EndpointInput } from './endpoint.ts';
import { commentFrame, dataFrames, sseResponse } from './sse.ts';

type ChatInput = Pick<EndpointInput, 'caller' | 'body' | 'event'>;

async function* sseFrames(answer: FollowedAnswer, dialect: AnswerDialect): AsyncGenerator<string, void, void> {
	const encoder = dialect.encoder(answer.head);
	for await (const row of answerFrames(answer.rows, encoder.encode)) {
		if ('comment' in row) yield commentFrame(row.comment);
		else if ('frames' in row) yield dataFrames(row.frames);
		else return yield dataFrames(encoder.fail(row.error.facts));
	}
	const last = encoder.end();
	if (last.length) yield dataFrames(last);
}

/**
 * An answer in a dialect: Server-Sent Events, or with `stream: false` in one piece. Both are the same server-owned answer,
 * which leaving cancels.
 */
export async function answerResponse({ caller, body, event }: ChatInput, dialect: AnswerDialect, procedure: 'start' | 'complete' = 'start'): Promise<Response> {
	const answer = await followAnswer(caller, body, event.locals.context.signal, procedure);
	const headers: Record<string, string> = answer.conversationId ? { 'x-conversation-id': answer.conversationId } : {};
	if (body.stream === false) return Response.json(dialect.whole(answer.head, await wholeAnswer(answer.rows)), { headers });
	return sseResponse(sseFrames(answer, dialect), answer.stop, headers);
}

/** `POST /api/chat`: document B's stream of OpenAI chunks, or one `chat.completion`. */
export const chatResponse = (input: ChatInput): Promise<Response> => answerResponse(input, chatCompletions(input.body?.stream_options?.include_usage === true, errorObject));
