import { inArray } from 'drizzle-orm';
import { database, parameterValues } from '../db/index.ts';
import { catalogue, type Parameter, type ParameterName } from './catalogue.ts';

const all = Object.fromEntries(Object.values(catalogue).flatMap((category) => Object.entries(category))) as Record<ParameterName, Parameter>;

/** Every parameter's value for a model: its own, else the one for all, else the default. `modelId` '' = for all. */
export function parametersFor(modelId: string): Record<ParameterName, unknown> {
	const rows = database().select().from(parameterValues).where(inArray(parameterValues.modelId, ['', modelId])).all();
	const set = (id: string) => Object.fromEntries(rows.filter((row) => row.modelId === id).map((row) => [row.name, row.value]));
	const defaults = Object.fromEntries(Object.entries(all).map(([name, parameter]) => [name, parameter.default]));
	return { ...defaults, ...set(''), ...(modelId ? set(modelId) : {}) } as Record<ParameterName, unknown>;
}
