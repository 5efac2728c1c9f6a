import { Validator } from '@seriousme/openapi-schema-validator';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentExamples } from '../../../tests/support/document-examples.ts';
import { faultsOf, openApiValidator, operationsOf, type DocumentedContent } from '../../../tests/support/openapi.ts';
import { openApiDocument } from './document.ts';

const document = openApiDocument('0.1.0');
const operations = operationsOf(document);
const validator = openApiValidator(document);

/** Endpoints that the document leaves out, and why. */
const left: Record<string, string> = {
	'/api/{unknown}': 'answers 404 to whatever is not there',
	'/v1/{unknown}': 'likewise',
	'/trpc/{procedure}': 'is typed: the typed client has its types'
};

const routesFolder = resolve(import.meta.dirname, '../../routes');
/** Methods and paths of the endpoints, in the document's manner. */
const routes = readdirSync(routesFolder, { recursive: true, encoding: 'utf8' })
	.map((path) => path.replaceAll('\\', '/'))
	.filter((path) => path.endsWith('+server.ts'))
	.flatMap((path) => {
		const url = `/${path.replace(/\/?\+server\.ts$/, '').replace(/\[+(?:\.\.\.)?(\w+)\]+/g, '{$1}')}`;
		return [...readFileSync(join(routesFolder, path), 'utf8').matchAll(/export const (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|fallback)\b/g)].map(([, method]) => `${method} ${url}`);
	})
	.filter((route) => !(route.split(' ')[1]! in left));

/** Every example in the document, with its schema. */
const examples = operations.flatMap(({ method, path, requestBody, responses }) => {
	const of = (where: string, content: Record<string, DocumentedContent> = {}) =>
		Object.entries(content).flatMap(([type, { schema, examples: values = {} }]) => Object.entries(values).map(([name, { value }]) => ({ name: `${method} ${path} ${where}, ${type}: ${name}`, schema, value })));
	return [...of('request', requestBody?.content), ...Object.entries(responses).flatMap(([status, { content }]) => of(status, content))];
});

/** Each way to fail stands in the components, once. */
const failures = Object.entries(document.components.responses).flatMap(([name, { content }]) =>
	Object.entries(content as Record<string, DocumentedContent>).flatMap(([type, { schema, examples: values = {} }]) => Object.values(values).map(({ value }) => ({ name: `${name}, ${type}`, schema, value })))
);

/** The schema of a place that {@link documentExamples} names. */
function schemaAt(place: string): object {
	const [method, path, part] = place.split(' ');
	if (!path) return { $ref: `#/components/schemas/${method}` };
	const operation = operations.find((one) => one.method === method && one.path === path);
	const content = part === 'request' ? operation?.requestBody?.content : operation?.responses[part!]?.content;
	if (!content) throw new Error(`The document has no ${place}`);
	return content['application/json']!.schema;
}

describe('the OpenAPI document', () => {
	it('is valid OpenAPI 3.1', async () => {
		const validated = new Validator();
		expect(await validated.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
		expect(validated.version).toBe('3.1');
	});

	it('describes every endpoint, and nothing else', () => {
		expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routes.sort());
	});

	it('names every operation once', () => {
		const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((operation) => (operation as { operationId: string }).operationId));
		expect(new Set(ids).size).toBe(ids.length);
	});

	it('refers to schemas that are there, and has none that is not referred to', () => {
		const referred = new Set([...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!));
		const parts = ['ContentChunk', 'ErrorBody', 'ProblemDetails']; // what documents A and B show of a whole that is referred to
		expect([...referred, ...parts].sort()).toEqual(Object.keys(document.components.schemas).sort());
	});

	it.each([...examples, ...failures])('$name validates', ({ schema, value }) => {
		expect(faultsOf(validator(schema), value)).toEqual([]);
	});

	it.each(documentExamples)('document $document, $place validates as it is printed', ({ place, value }) => {
		expect(faultsOf(validator(schemaAt(place)), value)).toEqual([]);
	});

	it('gives examples of every body', () => {
		const without = operations.filter(({ requestBody }) => requestBody && !Object.values(requestBody.content).every(({ examples: given }) => given && Object.keys(given).length > 0));
		expect(without.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
	});
});
