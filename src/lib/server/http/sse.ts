/** Milliseconds of silence after which a comment is sent: the first takes the head with it, and proxies and clients give up on a silent stream. */
const silenceMs = { first: 50, later: 10_000 };

/** A frame of one `data:` line, after its event's name where the dialect has names. JSON never holds a raw newline, so nothing in it can end the frame. */
export const dataFrame = (data: object | '[DONE]', event?: string) => `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** A comment; clients ignore it. Line breaks would end it, so they go. */
export const commentFrame = (text: string) => `: ${text.replace(/[\r\n]+/g, ' ')}\n\n`;

const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/**
 * A Server-Sent Events response of ready frames, with keep-alive comments in silences. Leaving calls `onLeave`;
 * a slow reader is waited for (frames are pulled), so nothing piles up.
 */
export function sseResponse(frames: AsyncIterator<string>, onLeave: () => void, extraHeaders: Record<string, string> = {}): Response {
	const encoder = new TextEncoder();
	let pending: Promise<IteratorResult<string>> | undefined;
	let patienceMs = silenceMs.first;
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			pending ??= frames.next();
			let timer: NodeJS.Timeout | undefined;
			const silence = new Promise<'silence'>((resolve) => (timer = setTimeout(() => resolve('silence'), patienceMs)));
			patienceMs = silenceMs.later;
			try {
				const next = await Promise.race([pending, silence]);
				if (next === 'silence') return controller.enqueue(encoder.encode(commentFrame('keep-alive')));
				pending = undefined;
				if (next.done) controller.close();
				else controller.enqueue(encoder.encode(next.value));
			} finally {
				clearTimeout(timer);
			}
		},
		cancel() {
			onLeave();
		}
	});
	return new Response(body, { headers: { ...headers, ...extraHeaders } });
}
