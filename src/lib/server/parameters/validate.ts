import { AppError } from '../errors.ts';
import { parameters, type Parameter, type ParameterName } from './catalogue.ts';

/** Of the texts in a list: how many, and characters of each. The same as a request's `stop` may have. */
const texts = { most: 16, longest: 512 };

/** What a value must be, in words: "a number from 0 to 2". */
function expectation({ type, min, max, options, nullable }: Parameter): string {
	const orNull = nullable ? ', or null' : '';
	switch (type) {
		case 'number':
		case 'integer':
			return `a ${type === 'integer' ? 'whole ' : ''}number from ${min} to ${max}${orNull}`;
		case 'boolean':
			return `true or false${orNull}`;
		case 'string':
			return `one of ${options!.join(', ')}${orNull}`;
		case 'strings':
			return `a list of at most ${texts.most} texts of 1 to ${texts.longest} characters${orNull}`;
	}
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.length >= 1 && value.length <= texts.longest;

function isValid({ type, min = -Infinity, max = Infinity, options, nullable }: Parameter, value: unknown): boolean {
	if (value === null) return nullable === true;
	switch (type) {
		case 'number':
			return typeof value === 'number' && value >= min && value <= max;
		case 'integer':
			return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
		case 'boolean':
			return typeof value === 'boolean';
		case 'string':
			return options!.includes(value as string);
		case 'strings':
			return Array.isArray(value) && value.length <= texts.most && value.every(isText);
	}
}

/** @throws AppError VALIDATION_ERROR that names the bounds */
export function checkValue(name: ParameterName, value: unknown): void {
	const parameter = parameters[name];
	if (!isValid(parameter, value)) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [`${name} must be ${expectation(parameter)}`] });
}
