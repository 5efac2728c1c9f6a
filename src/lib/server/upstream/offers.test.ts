import { describe, expect, it } from 'vitest';
import type { UpstreamModel } from './provider.ts';
import { offerNamed, offersOf } from './offers.ts';
import { Upstream } from './upstream.ts';

function upstreamWith(name: string, ...ids: string[]): Upstream {
	const upstream = new Upstream({ id: name, name, kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9', apiKey: undefined, enabled: true });
	upstream.models = ids.map((id): UpstreamModel => ({ id, chats: true, loaded: null, contextLength: null, family: '', quantization: '', description: '', sizeBytes: null, created: null }));
	return upstream;
}
const lmStudio = upstreamWith('lm-studio', 'a', 'b');
const lab = upstreamWith('lab', 'b', 'org/c');
const none = () => false;

describe('the list of offers', () => {
	it('has each model once, its twins together', () => {
		const offers = offersOf([lmStudio, lab], none);
		expect(offers.map(({ name, source, candidates }) => [name, source, candidates.map(({ upstream }) => upstream.name)])).toEqual([
			['a', 'lm-studio', ['lm-studio']],
			['b', 'lm-studio', ['lm-studio', 'lab']],
			['org/c', 'lab', ['lab']]
		]);
	});

	it('names what a local model’s name hides after its upstream', () => {
		expect(offersOf([lmStudio, lab], (name) => name === 'b').map((offer) => offer.name)).toEqual(['a', 'lm-studio/b', 'lab/b', 'org/c']);
	});

	it('leaves out what even that name does not tell from a local model', () => {
		expect(offersOf([lmStudio], (name) => name === 'b' || name === 'lm-studio/b').map((offer) => offer.name)).toEqual(['a']);
	});
});

describe('an offer by name', () => {
	it.each([
		['b', ['lm-studio', 'lab']],
		['lab/b', ['lab']],
		['lm-studio/b', ['lm-studio']],
		['org/c', ['lab']],
		['lab/org/c', ['lab']]
	])('%s is at %j', (name, upstreams) => {
		expect(offerNamed([lmStudio, lab], name)?.candidates.map(({ upstream }) => upstream.name)).toEqual(upstreams);
	});

	it.each(['lab/a', 'c', '', 'lm-studio/', 'B'])('%j is none', (name) => expect(offerNamed([lmStudio, lab], name)).toBeUndefined());
});
