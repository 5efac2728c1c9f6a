import type { ParameterRow } from '../contract/parameters.ts';

/** Document A's shape of a category: a parameter's members by its name. */
export const parameterCategory = (category: string, rows: ParameterRow[]) => ({
	category,
	parameters: Object.fromEntries(
		rows.map(({ name, value, min, max, description, default: usual, type, step, options, unit, nullable, locked }) => [name, { value, min, max, description, default: usual, type, step, options, unit, nullable, locked }])
	)
});

/** Document A's shape of one parameter's value. */
export const parameterValue = ({ name, value, category }: ParameterRow) => ({ parameter: name, value, category });
