/**
 * A controller that aborts with the first of `sources`, and lets go of them when it is aborted, which it must be at last.
 * `AbortSignal.any` never lets go of a source that lives on: about 650 bytes a call on Node 24.
 */
export function joinedController(...sources: AbortSignal[]): AbortController {
	const controller = new AbortController();
	const leave = () => controller.abort();
	for (const source of sources) {
		if (source.aborted) leave();
		else source.addEventListener('abort', leave, { once: true, signal: controller.signal });
	}
	return controller;
}
