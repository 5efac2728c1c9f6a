import { isDeepStrictEqual } from 'node:util';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { ParameterRow } from '../../contract/parameters.ts';
import { database, parameterValues } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { categories, isCategory, isParameterName, parameters, type Category, type ParameterName } from './catalogue.ts';
import { checkValue } from './validate.ts';
import { announceValues, environmentNames, environmentValues, parametersFor, storedValues } from './values.ts';

/** @throws AppError CATEGORY_NOT_FOUND */
export function requireCategory(name: string): Category {
	if (!isCategory(name)) throw new AppError('CATEGORY_NOT_FOUND', `There is no parameter category "${name}"`, { details: `The categories are ${categories.join(', ')}` });
	return name;
}

/** The parameter of that name, looked for in one category or in all. @throws AppError CATEGORY_NOT_FOUND, PARAMETER_NOT_FOUND */
export function requireParameter(name: string, category?: string): ParameterName {
	const within = category === undefined ? undefined : requireCategory(category);
	if (!isParameterName(name) || (within && parameters[name].category !== within))
		throw new AppError('PARAMETER_NOT_FOUND', `There is no parameter "${name}"${within ? ` in the category "${within}"` : ''}`, { details: 'GET /api/parameters lists the categories, GET /api/parameters/{category} their parameters' });
	return name;
}

/** The parameters of a category, or all, as they hold for a model ('' = for all). */
export function listParameters(modelId: string, category?: Category): ParameterRow[] {
	const values = parametersFor(modelId);
	const [own, all] = [modelId ? storedValues(modelId) : {}, storedValues('')];
	return (Object.keys(parameters) as ParameterName[]).flatMap((name) => {
		const { category: of, description, ...rest } = parameters[name];
		if (category && of !== category) return [];
		const locked = name in environmentValues() ? environmentNames[name] : undefined;
		const source: ParameterRow['source'] = locked ? 'environment' : name in own ? 'model' : name in all ? 'all' : 'default';
		return { name, category: of, value: values[name], ...rest, description, ...(locked ? { locked } : {}), source };
	});
}

/** @throws AppError VALIDATION_ERROR, CONFLICT when the environment decides the value */
export function setParameter(name: ParameterName, value: unknown, modelId: string): void {
	checkValue(name, value);
	if (modelId && !parameters[name].perModel) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`${name} holds for the whole server; it can't differ from model to model`] });
	if (name in environmentValues()) {
		if (isDeepStrictEqual(parametersFor('')[name], value)) return;
		throw new AppError('CONFLICT', `${name} is set by the environment variable ${environmentNames[name]}; change it there`);
	}
	// As text: the column's own encoding would make SQL's NULL of null, which it refuses.
	const row = { value: sql`${JSON.stringify(value)}`, updatedAt: new Date() };
	database().insert(parameterValues).values({ modelId, name, ...row }).onConflictDoUpdate({ target: [parameterValues.modelId, parameterValues.name], set: row }).run();
	announceValues([name], modelId);
}

/** Takes back what was set, for all ('') or for one model; without names all of it. Returns the names that were set. */
export function resetParameters(names: ParameterName[] | undefined, modelId: string): ParameterName[] {
	const which = and(eq(parameterValues.modelId, modelId), names && inArray(parameterValues.name, names));
	const gone = database().delete(parameterValues).where(which).returning({ name: parameterValues.name }).all();
	if (gone.length) announceValues(gone.map((row) => row.name), modelId);
	return gone.map((row) => row.name as ParameterName);
}
