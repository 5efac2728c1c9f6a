import type { ListedModel, ModelStatus } from '#lib/contract/models.ts';

/** A model with what it needs of memory, in bytes, where that is known. */
export type FilteredModel = ListedModel & { needsBytes?: number | undefined };

export const states: readonly ModelStatus[] = ['running', 'loading', 'stopped', 'error'];
export const sortKeys = ['name', 'state', 'family', 'quantization', 'parameters', 'context', 'size', 'needs', 'used'] as const;
export type SortKey = (typeof sortKeys)[number];

/** Which models of the list are shown, and in which order; what is undefined filters nothing. */
export type ModelFilter = {
	text?: string | undefined;
	state?: ModelStatus | undefined;
	family?: string | undefined;
	source?: string | undefined;
	sort: SortKey;
	descending: boolean;
};

/** The filter that an address holds; what it does not know is left out. */
export function filterIn(query: URLSearchParams): ModelFilter {
	const state = states.find((one) => one === query.get('state'));
	const sort = query.get('sort') ?? '';
	return {
		text: query.get('text') || undefined,
		state,
		family: query.get('family') || undefined,
		source: query.get('source') || undefined,
		sort: sortKeys.find((key) => key === sort.replace(/^-/, '')) ?? 'name',
		descending: sort.startsWith('-')
	};
}

/** An address with parts of its query set, or taken out where they are empty. */
function addressWith(url: URL, parts: Record<string, string | null | undefined>): string {
	const query = new URLSearchParams(url.search);
	for (const [name, value] of Object.entries(parts))
		if (value) query.set(name, value);
		else query.delete(name);
	return query.size ? `${url.pathname}?${query}` : url.pathname;
}

/** Puts a filter into an address; its other parts stay. */
export function intoAddress(url: URL, { text, state, family, source, sort, descending }: ModelFilter): string {
	const order = `${descending ? '-' : ''}${sort}`;
	return addressWith(url, { text, state, family, source, sort: order === 'name' ? undefined : order });
}

/** The address with the panel of a model open, or none. */
export const withPanel = (url: URL, model: string | null): string => addressWith(url, { model });

export const isFiltered = ({ text, state, family, source }: ModelFilter): boolean => Boolean(text || state || family || source);

const valueOf: Record<SortKey, (model: FilteredModel) => string | number | null> = {
	name: ({ name }) => name,
	state: ({ status }) => states.indexOf(status),
	family: ({ family }) => family || null,
	quantization: ({ quantization }) => quantization || null,
	parameters: ({ parameterCount }) => parameterCount,
	context: ({ contextLength }) => contextLength,
	size: ({ sizeBytes }) => sizeBytes,
	needs: ({ needsBytes }) => needsBytes ?? null,
	used: ({ local }) => local?.lastUsedAt?.getTime() ?? null
};

const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
function compare(a: string | number, b: string | number): number {
	return typeof a === 'number' && typeof b === 'number' ? a - b : order.compare(String(a), String(b));
}

/** The models that a filter shows, in its order. What isn't known of a model stands last, whichever the direction. */
export function shownModels<M extends FilteredModel>(list: M[], { text = '', state, family, source, sort, descending }: ModelFilter): M[] {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const said = ({ name, description, family, quantization, local }: M) =>
		[name, description, family, quantization, ...(local?.aliases ?? [])].join(' ').toLowerCase();
	return list
		.filter(
			(model) =>
				(!state || model.status === state) &&
				(!family || model.family === family) &&
				(!source || model.source === source) &&
				words.every((word) => said(model).includes(word))
		)
		.sort((one, other) => {
			const [a, b] = [valueOf[sort](one), valueOf[sort](other)];
			if (a === null || b === null) return a === b ? order.compare(one.name, other.name) : a === null ? 1 : -1;
			return (descending ? -1 : 1) * compare(a, b) || order.compare(one.name, other.name);
		});
}
