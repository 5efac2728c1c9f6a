import type { AnswerFrame } from '../../dialects/answer-dialect.ts';

/** Milliseconds of silence after which a comment is sent: the first takes the head with it, and proxies and clients give up on a silent stream. */
const silenceMs = { first: 50, later: 10_000 };

/** A frame of one `data:` line, after its event's name where the dialect has names. JSON never holds a raw newline, so nothing in it can end the frame. */
export const dataFrame = (data: object | '[DONE]', event?: string) => `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** Frames that belong together, in one piece: what is written at once arrives at once. */
export const dataFrames = (frames: AnswerFrame[]): string => frames.map(({ data, event }) => dataFrame(data, event)).join('');

/** A comment; clients ignore it. Line breaks would end it, so they go. */
export const commentFrame = (text: string) => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`;

const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/**
 * A Server-Sent Events response of ready frames, with keep-alive comments in silences. Leaving calls `onLeave`;
 * a slow reader is waited for (frames are pulled), so nothing piles up.
 */
export function sseResponse(frames: AsyncIterator<string>, onLeave: () => void, extraHeaders: Record<string, string> = {}): Response {
	const encoder = new TextEncoder();
	/** a frame is asked for: the silence is ours, and not a slow reader's */
	let isAsked = false;
	let silence: NodeJS.Timeout | undefined;
	/** Says that we are still there when no frame has come for so long, and from then on from time to time. */
	function endureSilence(controller: ReadableStreamDefaultController<Uint8Array>, ms: number): void {
		silence = setTimeout(() => {
			if (isAsked) controller.enqueue(encoder.encode(commentFrame('keep-alive')));
			endureSilence(controller, silenceMs.later);
		}, ms);
	}
	const body = new ReadableStream<Uint8Array>({
		start: (controller) => endureSilence(controller, silenceMs.first),
		async pull(controller) {
			isAsked = true;
			const frame = await frames.next().catch((thrown: unknown) => {
				clearTimeout(silence);
				throw thrown;
			});
			isAsked = false;
			clearTimeout(silence);
			if (frame.done) return controller.close();
			controller.enqueue(encoder.encode(frame.value));
			endureSilence(controller, silenceMs.later);
		},
		cancel() {
			clearTimeout(silence);
			onLeave();
		}
	});
	return new Response(body, { headers: { ...headers, ...extraHeaders } });
}
