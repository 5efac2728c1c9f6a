import { describe, expect, it } from 'vitest';
import type { ListedModel } from '#lib/contract/models.ts';
import { filterIn, intoAddress, shownModels, type ModelFilter } from './model-filter.ts';

const model = (name: string, facts: Partial<ListedModel> = {}): ListedModel => ({
	name,
	description: '',
	status: 'stopped',
	version: '',
	source: 'local',
	family: '',
	quantization: '',
	sizeBytes: null,
	parameterCount: null,
	contextLength: null,
	createdAt: new Date(0),
	error: null,
	...facts
});
const list = [
	model('qwen3-14b', { family: 'qwen3', sizeBytes: 9e9, status: 'running' }),
	model('qwen3-4b', { family: 'qwen3', sizeBytes: 3e9 }),
	model('far', { source: 'lmstudio' }),
	model('gemma', { family: 'gemma3', description: 'Writes well', sizeBytes: 8e8 })
];
const names = (filter: Partial<ModelFilter>) => shownModels(list, { sort: 'name', descending: false, ...filter }).map(({ name }) => name);

describe('the filter of the model list', () => {
	it('shows those in which every word occurs, by state, family and source', () => {
		expect(names({ text: 'QWEN 4b' })).toEqual(['qwen3-4b', 'qwen3-14b']);
		expect(names({ text: 'writes' })).toEqual(['gemma']);
		expect(names({ state: 'running' })).toEqual(['qwen3-14b']);
		expect(names({ family: 'qwen3', text: '14' })).toEqual(['qwen3-14b']);
		expect(names({ source: 'lmstudio' })).toEqual(['far']);
	});

	it('orders numbers in names as numbers, and what is not known last both ways', () => {
		expect(names({})).toEqual(['far', 'gemma', 'qwen3-4b', 'qwen3-14b']);
		expect(names({ sort: 'size' })).toEqual(['gemma', 'qwen3-4b', 'qwen3-14b', 'far']);
		expect(names({ sort: 'size', descending: true })).toEqual(['qwen3-14b', 'qwen3-4b', 'gemma', 'far']);
	});

	it('stands in the address, beside what else is there', () => {
		const url = new URL('http://x/models?model=gemma&state=nonsense');
		const filter = { ...filterIn(url.searchParams), text: 'a b', sort: 'size', descending: true } as const;
		const address = intoAddress(url, filter);
		expect(address).toBe('/models?model=gemma&text=a+b&sort=-size');
		expect(filterIn(new URL(address, url).searchParams)).toEqual(filter);
		expect(intoAddress(new URL('http://x/models?text=a'), { sort: 'name', descending: false })).toBe('/models');
	});
});
