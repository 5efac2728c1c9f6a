import { describe, expect, it } from 'vitest';
import { errorTextOf, refusalOf } from './failure.ts';

describe('errorTextOf', () => {
	it.each([
		['a string', 'Model not loaded', 'Model not loaded'],
		['a string error', { error: 'No models loaded' }, 'No models loaded'],
		["OpenAI's object", { error: { message: 'bad', type: 'x' } }, 'bad'],
		["FastAPI's list", { detail: [{ msg: 'field required' }] }, 'field required'],
		['nothing', {}, undefined],
		['null', null, undefined]
	])('reads %s', (_what, body, text) => expect(errorTextOf(body)).toBe(text));

	it('is one short line whatever the upstream wrote', () => {
		expect(errorTextOf({ error: `a\r\n\u0000b\u2028${'x'.repeat(1000)}` })).toMatch(/^a b x{496}$/);
	});

	it('does not follow a body nested without end', () => {
		let body: unknown = 'deep';
		for (let i = 0; i < 100_000; i++) body = { error: body };
		expect(errorTextOf(body)).toBeUndefined();
	});
});

describe('refusalOf', () => {
	it.each([
		[400, { error: 'The number of tokens to keep from the initial prompt is greater than the context length' }, 'CONTEXT_LENGTH_EXCEEDED', true, false],
		[400, { error: { message: "'response_format.type' must be 'json_schema' or 'text'" } }, 'VALIDATION_ERROR', false, false],
		[401, {}, 'UPSTREAM_UNAVAILABLE', true, false],
		[404, { error: 'model not found' }, 'MODEL_NOT_FOUND', true, false],
		[429, {}, 'QUEUE_FULL', true, false],
		[500, {}, 'UPSTREAM_UNAVAILABLE', true, false],
		[502, {}, 'UPSTREAM_UNAVAILABLE', true, true],
		[200, { error: 'Unexpected endpoint or method. (POST /x)' }, 'UPSTREAM_UNAVAILABLE', true, false]
	])('%i %j is %s', (status, body, code, elsewhere, down) => {
		expect(refusalOf('lab', status, body, undefined)).toMatchObject({ code, elsewhere, down });
	});

	it('keeps the text of a 401 to itself: it may hold the key', () => {
		expect(refusalOf('lab', 401, { error: 'Incorrect API key provided: sk-secret' }, undefined).message).not.toContain('sk-secret');
	});
});
