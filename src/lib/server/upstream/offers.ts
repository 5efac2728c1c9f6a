import type { Candidate } from './balance.ts';
import type { Upstream } from './upstream.ts';

/** A model under the name it is listed and asked for by, with every upstream that has it. */
export type Offer = { name: string; /** the first upstream that has it */ source: string; candidates: [Candidate, ...Candidate[]] };

/**
 * What upstreams offer, in their order. A name that a local model has already is offered as `UPSTREAM/name`;
 * upstreams with the same model are twins under one name.
 * @param taken whether a local model has the name
 */
export function offersOf(upstreams: Upstream[], taken: (name: string) => boolean): Offer[] {
	const offers = new Map<string, Offer>();
	for (const upstream of upstreams)
		for (const model of upstream.models) {
			const name = taken(model.id) ? `${upstream.name}/${model.id}` : model.id;
			const candidate = { upstream, model };
			const twin = offers.get(name);
			if (twin) twin.candidates.push(candidate);
			else if (!taken(name)) offers.set(name, { name, source: upstream.name, candidates: [candidate] });
		}
	return [...offers.values()];
}

/** The offer of that name, also by `UPSTREAM/id`, which asks for that one upstream. The caller has looked for a local model first. */
export function offerNamed(upstreams: Upstream[], name: string): Offer | undefined {
	const candidates = upstreams.flatMap((upstream) => upstream.models.filter((model) => model.id === name).map((model) => ({ upstream, model })));
	const [first, ...more] = candidates.length ? candidates : upstreams.flatMap((upstream) => upstream.models.filter((model) => `${upstream.name}/${model.id}` === name).map((model) => ({ upstream, model })));
	return first && { name, source: first.upstream.name, candidates: [first, ...more] };
}
