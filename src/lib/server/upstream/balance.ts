import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';
import { UpstreamFailure, unavailable } from './failure.ts';
import type { Embedded, EmbeddingInput, UpstreamLimits, UpstreamModel } from './provider.ts';
import type { Upstream } from './upstream.ts';

/** An upstream that has the model, and the model as it tells of it. */
export type Candidate = { upstream: Upstream; model: UpstreamModel };

/** Lower is better: one in doubt comes last, before it one that must load the model first; then the least busy, then the quickest. */
function costOf({ upstream, model }: Candidate): number[] {
	const inDoubt = upstream.health === 'down' || upstream.breaker.state !== 'closed';
	return [inDoubt ? 1 : 0, model.loaded === false ? 1 : 0, upstream.active, upstream.latencyMs ?? Infinity];
}

function cheaper(a: Candidate, b: Candidate): number {
	const [costA, costB] = [costOf(a), costOf(b)];
	for (let i = 0; i < costA.length; i++) if (costA[i] !== costB[i]) return costA[i]! < costB[i]! ? -1 : 1;
	return 0;
}

/** The candidate to ask next; undefined when each was asked or rests after failures. */
export const pickCandidate = (candidates: Candidate[], tried: ReadonlySet<Upstream>): Candidate | undefined =>
	candidates.filter(({ upstream }) => !tried.has(upstream) && upstream.breaker.state !== 'open').sort(cheaper)[0];

const resting = (candidates: Candidate[]) => unavailable(candidates[0]?.upstream.name ?? '', 'has failed several times and rests for a moment', { retryAfterSeconds: 5 });

/**
 * Streams from the least loaded twin. Until its first event has been passed on, a failure that another twin might not
 * have moves the request there; each is asked once. After that no other can go on where it stopped.
 * @throws UpstreamFailure the last one
 */
export async function* streamBalanced(candidates: Candidate[], request: ChatRequest, limits: UpstreamLimits, signal: AbortSignal): AsyncGenerator<ChatEvent> {
	const tried = new Set<Upstream>();
	let failure: UpstreamFailure | undefined;
	for (let next = pickCandidate(candidates, tried); next; next = pickCandidate(candidates, tried)) {
		tried.add(next.upstream);
		let begun = false;
		try {
			for await (const event of next.upstream.stream(next.model, request, limits, pickCandidate(candidates, tried) !== undefined, signal)) {
				begun ||= event.type !== 'progress';
				yield event;
			}
			return;
		} catch (thrown) {
			if (begun || signal.aborted || !(thrown instanceof UpstreamFailure) || !thrown.elsewhere) throw thrown;
			failure = thrown;
		}
	}
	throw failure ?? resting(candidates);
}

/** Vectors from the least loaded twin; a failure that another might not have moves the request there. @throws UpstreamFailure the last one */
export async function embedBalanced(candidates: Candidate[], inputs: EmbeddingInput[], limits: Pick<UpstreamLimits, 'firstEventMs'>, signal: AbortSignal): Promise<Embedded> {
	const tried = new Set<Upstream>();
	let failure: UpstreamFailure | undefined;
	for (let next = pickCandidate(candidates, tried); next; next = pickCandidate(candidates, tried)) {
		tried.add(next.upstream);
		try {
			return await next.upstream.embed(next.model, inputs, limits, signal);
		} catch (thrown) {
			if (signal.aborted || !(thrown instanceof UpstreamFailure) || !thrown.elsewhere) throw thrown;
			failure = thrown;
		}
	}
	throw failure ?? resting(candidates);
}
