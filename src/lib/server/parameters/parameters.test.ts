import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { categories, parameters, type Parameter, type ParameterName } from './catalogue.ts';
import { listParameters, requireCategory, requireParameter, resetParameters, setParameter } from './parameters.ts';
import { followParameter, parametersFor } from './values.ts';

const names = Object.keys(parameters) as ParameterName[];
const rowOf = (name: ParameterName, modelId = '') => listParameters(modelId).find((row) => row.name === name)!;

describe('the catalogue', () => {
	it('has document A\'s three categories, and names that are unique over them', () => {
		expect(categories).toEqual(['model', 'system', 'performance']);
		expect(new Set(names).size).toBe(names.length);
	});

	it.each(names)('%s has a default that it would accept, and bounds where they mean something', (name) => {
		const { type, min, max, step, options, default: usual, description } = parameters[name];
		expect(description).toMatch(/^[A-Z]/);
		const isNumber = type === 'number' || type === 'integer';
		expect([min !== undefined, max !== undefined, step !== undefined]).toEqual([isNumber, isNumber, isNumber]);
		expect(options !== undefined).toBe(type === 'string');
		if (isNumber && usual !== null) expect(usual).toBeGreaterThanOrEqual(min!);
	});
});

describe('setting parameters', () => {
	freshDatabase();

	it('lists all, or those of one category', () => {
		expect(listParameters('').map((row) => row.name)).toEqual(names);
		expect(new Set(listParameters('', 'system').map((row) => row.category))).toEqual(new Set(['system']));
	});

	it('holds for all, or for one model before that', () => {
		setParameter('temperature', 0.2, '');
		setParameter('temperature', 0.9, 'm1');
		expect([parametersFor('').temperature, parametersFor('m1').temperature, parametersFor('m2').temperature]).toEqual([0.2, 0.9, 0.2]);
		expect([rowOf('temperature').source, rowOf('temperature', 'm1').source, rowOf('temperature', 'm2').source, rowOf('topP').source]).toEqual(['all', 'model', 'all', 'default']);
	});

	it('takes null where it is a value, also against a value for all', () => {
		setParameter('threads', 3, '');
		setParameter('threads', null, 'm1');
		expect([parametersFor('').threads, parametersFor('m1').threads]).toEqual([3, null]);
	});

	it('resets some or all, for all or for one model', () => {
		setParameter('temperature', 0.2, '');
		setParameter('topP', 0.2, '');
		setParameter('temperature', 0.9, 'm1');
		expect(resetParameters(['temperature'], '')).toEqual(['temperature']);
		expect([parametersFor('').temperature, parametersFor('').topP, parametersFor('m1').temperature]).toEqual([0.7, 0.2, 0.9]);
		expect(resetParameters(undefined, 'm1')).toEqual(['temperature']);
		expect(resetParameters(undefined, 'm1')).toEqual([]);
		expect(parametersFor('m1').temperature).toBe(0.7);
	});

	it.each<[ParameterName, unknown, string]>([
		['temperature', 2.1, 'temperature must be a number from 0 to 2'],
		['temperature', '0.5', 'temperature must be a number from 0 to 2'],
		['temperature', NaN, 'temperature must be a number from 0 to 2'],
		['temperature', null, 'temperature must be a number from 0 to 2'],
		['maxTokens', 1.5, 'maxTokens must be a whole number from 1 to 131072'],
		['maxTokens', 0, 'maxTokens must be a whole number from 1 to 131072'],
		['seed', -1, 'seed must be a whole number from 0 to 4294967294, or null'],
		['flashAttention', 'yes', 'flashAttention must be true or false'],
		['kvCacheType', 'q5_0', 'kvCacheType must be one of f16, q8_0, q4_0, f32'],
		['stop', 'END', 'stop must be a list of at most 16 texts of 1 to 512 characters'],
		['stop', [''], 'stop must be a list of at most 16 texts of 1 to 512 characters'],
		['stop', Array(17).fill('x'), 'stop must be a list of at most 16 texts of 1 to 512 characters'],
		['stop', [1], 'stop must be a list of at most 16 texts of 1 to 512 characters']
	])('refuses %s = %j and names the bounds', (name, value, sentence) => {
		expect(() => setParameter(name, value, '')).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', errors: [sentence] }));
		expect(rowOf(name).source).toBe('default');
	});

	it.each(names.filter((name) => parameters[name].min !== undefined))('takes both bounds of %s and nothing beyond them', (name) => {
		const { min, max, step }: Parameter = parameters[name];
		for (const value of [min!, max!]) {
			setParameter(name, value, '');
			expect(parametersFor('')[name]).toBe(value);
		}
		for (const value of [min! - step!, max! + step!]) expect(() => setParameter(name, value, '')).toThrow();
	});

	it('does not let what holds for the whole server differ by model', () => {
		expect(() => setParameter('queueLimit', 5, 'm1')).toThrow(expect.objectContaining({ errors: [expect.stringContaining('whole server')] }));
	});

	it('finds parameters in their category or anywhere', () => {
		expect(requireParameter('temperature')).toBe('temperature');
		expect(requireParameter('temperature', 'model')).toBe('temperature');
		for (const name of ['none', '__proto__', 'constructor', 'toString']) expect(() => requireParameter(name)).toThrow(expect.objectContaining({ code: 'PARAMETER_NOT_FOUND' }));
		expect(() => requireParameter('temperature', 'system')).toThrow(expect.objectContaining({ code: 'PARAMETER_NOT_FOUND' }));
		for (const name of ['none', '__proto__', 'constructor']) expect(() => requireCategory(name)).toThrow(expect.objectContaining({ code: 'CATEGORY_NOT_FOUND' }));
	});

	it('tells who follows, once per change', () => {
		const seen: unknown[] = [];
		const told: unknown[] = [];
		const stops = [followParameter('temperature', (value) => seen.push(value)), events.on('parameters:changed', (payload) => told.push(payload))];
		setParameter('temperature', 0.2, '');
		setParameter('temperature', 0.2, '');
		setParameter('temperature', 0.9, 'm1');
		resetParameters(undefined, '');
		for (const stop of stops) stop();
		setParameter('temperature', 0.3, '');
		expect(seen).toEqual([0.7, 0.2, 0.7]);
		expect(told).toHaveLength(4);
	});

	it('leaves to the environment what it decides', () => {
		const settings = env();
		const before = settings.logLevel;
		settings.logLevel = 'warn';
		try {
			expect(rowOf('logLevel')).toMatchObject({ value: 'warn', locked: 'LOG_LEVEL', source: 'environment' });
			expect(() => setParameter('logLevel', 'debug', '')).toThrow(expect.objectContaining({ code: 'CONFLICT', message: expect.stringContaining('LOG_LEVEL') }));
			expect(() => setParameter('logLevel', 'warn', '')).not.toThrow();
		} finally {
			settings.logLevel = before;
		}
	});
});
