import type { ListedModel } from '../../contract/models.ts';
import type { Offer } from '../upstream/offers.ts';
import { findOffer, listOffers } from '../upstream/registry.ts';
import { localModels } from './local.ts';
import { findRegistered, registeredNames, type RegisteredModel } from './registry.ts';

const listedOffer = ({ name, source, candidates: [{ upstream, model }] }: Offer): ListedModel => ({
	name,
	description: model.description,
	status: 'running',
	version: '',
	source,
	family: model.family,
	quantization: model.quantization,
	sizeBytes: model.sizeBytes,
	parameterCount: null,
	contextLength: model.contextLength,
	createdAt: new Date(upstream.createdOf(model) * 1000),
	error: null,
	upstream: { chats: model.chats, loaded: model.loaded }
});

/** The one list of models: registered ones, then those of every upstream that answers. */
export async function listModels(signal: AbortSignal): Promise<ListedModel[]> {
	const offers = await listOffers(registeredNames(), signal);
	return [...localModels(), ...offers.map(listedOffer)];
}

/** What answers by a name: a registered model, or an upstream's. */
export type FoundModel = { local: RegisteredModel; offer?: undefined } | { local?: undefined; offer: Offer };

/** The model that a client means by this name; a local one wins. */
export async function findModel(name: string, signal: AbortSignal): Promise<FoundModel | undefined> {
	const local = findRegistered(name);
	if (local) return { local };
	const offer = await findOffer(name, signal);
	return offer && { offer };
}
