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
	let speak: () => void;
	const armSilence = (ms: number) => (silence = setTimeout(speak, ms));
	/** Something was said: from the first time on silences may be long. */
	let said = (): void => {
		clearTimeout(silence);
		armSilence(silenceMs.later);
		said = () => void silence!.refresh();
	};
	const body = new ReadableStream<Uint8Array>({
		start(controller) {
			speak = () => {
				if (isAsked) controller.enqueue(encoder.encode(commentFrame('keep-alive')));
				said();
			};
			armSilence(silenceMs.first);
		},
		async pull(controller) {
			isAsked = true;
			try {
				const frame = await frames.next();
				if (frame.done) {
					clearTimeout(silence);
					return controller.close();
				}
				said();
				controller.enqueue(encoder.encode(frame.value));
			} catch (thrown) {
				clearTimeout(silence);
				throw thrown;
			} finally {
				isAsked = false;
			}
		},
		cancel() {
			clearTimeout(silence);
			onLeave();
		}
	});
	return new Response(body, { headers: { ...headers, ...extraHeaders } });
}
