import { completionsRequestSchema, type CompletionsRequest, type TextCompletion } from '../../contract/v1/completions.ts';
import { joinCompletions, textCompletions } from '../../dialects/openai-completions.ts';
import type { Caller } from '../trpc/caller.ts';
import { answerFrames, followAnswer, wholeAnswer, type FollowedAnswer } from './chat-answer.ts';
import type { EndpointInput } from './endpoint.ts';
import { commentFrame, dataFrame, dataFrames, sseResponse } from './sse.ts';

type Asked = CompletionsRequest & { caller: Caller; signal: AbortSignal };

const dialectOf = (asked: Asked, place: number) => textCompletions(asked, place * asked.n, asked.echoed?.[place]);
const follow = ({ caller, requests, signal }: Asked, place: number) => followAnswer(caller, requests[place], signal, 'complete');

/** Every prompt's frames, one after the other. The first has begun, so that a refusal had its true status. */
async function* frames(asked: Asked, first: FollowedAnswer): AsyncGenerator<string, void, void> {
	for (let place = 0; place < asked.requests.length; place++) {
		const answer = place === 0 ? first : await follow(asked, place);
		// each prompt's id is the first's: one request, one completion
		const encoder = dialectOf(asked, place).encoder(first.head);
		for await (const row of answerFrames(answer.rows, encoder.encode)) {
			if ('comment' in row) yield commentFrame(row.comment);
			else if ('frames' in row) yield dataFrames(row.frames);
			else return yield dataFrames(encoder.fail(row.error.facts));
		}
		const last = encoder.end();
		if (last.length) yield dataFrames(last);
	}
	yield dataFrame('[DONE]');
}

/** `POST /v1/completions`: raw prompts gone on from, each an answer of its own. Leaving cancels the one that runs. */
export async function completionsResponse({ caller, body, event }: EndpointInput): Promise<Response> {
	const asked: Asked = { ...completionsRequestSchema.parse(body), caller, signal: event.locals.context.signal };
	const first = await follow(asked, 0);
	if (asked.stream) return sseResponse(frames(asked, first), first.stop);
	const answers: TextCompletion[] = [];
	for (let place = 0; place < asked.requests.length; place++) {
		const { head, rows } = place === 0 ? first : await follow(asked, place);
		answers.push(dialectOf(asked, place).whole(head, await wholeAnswer(rows)) as TextCompletion);
	}
	return Response.json(joinCompletions(answers));
}
