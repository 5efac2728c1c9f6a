import { isDeepStrictEqual } from 'node:util';
import { inArray } from 'drizzle-orm';
import { database, parameterValues, type Db } from '../db/index.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { parameters, type ParameterName, type ParameterValues } from './catalogue.ts';

const names = Object.keys(parameters) as ParameterName[];
const defaults = Object.fromEntries(names.map((name) => [name, parameters[name].default])) as ParameterValues;

/** The setting that decides a parameter as long as it is set. */
export const environmentNames: Partial<Record<ParameterName, string>> = { logLevel: 'LOG_LEVEL' };

/** What the environment decides now. */
export function environmentValues(): Partial<ParameterValues> {
	const { logLevel } = env();
	return logLevel === undefined ? {} : { logLevel: logLevel as ParameterValues['logLevel'] };
}

/** What was read, by model: an answer asks several times. Each database has its own. */
const read = new WeakMap<Db, Map<string, ParameterValues>>();

/** Every parameter's value: the environment's, else the model's own, else the one for all, else the default. `modelId` '' = for all. */
export function parametersFor(modelId: string): Readonly<ParameterValues> {
	const kept = read.get(database()) ?? new Map<string, ParameterValues>();
	read.set(database(), kept);
	let values = kept.get(modelId);
	if (!values) kept.set(modelId, (values = { ...defaults, ...storedValues(''), ...(modelId ? storedValues(modelId) : {}), ...environmentValues() }));
	return values;
}

/** What was set, for all ('') or for one model. A name that is no parameter any more is left out. */
export function storedValues(modelId: string): Partial<ParameterValues> {
	const rows = database().select().from(parameterValues).where(inArray(parameterValues.modelId, [modelId])).all();
	return Object.fromEntries(rows.filter((row) => row.name in parameters).map((row) => [row.name, row.value]));
}

/** Called after each write: nobody reads an old value again. */
export function announceValues(changed: string[], modelId: string): void {
	read.delete(database());
	events.emit('parameters:changed', { names: changed, model: modelId || null });
}

/** Calls `apply` with a parameter's value for all, now and whenever it changes. Returns the function that ends it. */
export function followParameter<K extends ParameterName>(name: K, apply: (value: ParameterValues[K]) => void): () => void {
	let last = parametersFor('')[name];
	apply(last);
	return events.on('parameters:changed', () => {
		const value = parametersFor('')[name];
		if (!isDeepStrictEqual(value, last)) apply((last = value));
	});
}
