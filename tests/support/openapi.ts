import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument } from '../../src/lib/openapi/document.ts';

type Node = Record<string, unknown>;

/** Forbids members that the schemas don't name, so that an answer with an undocumented one shows. A schema that names none stays open. */
export function closed<T>(schema: T): T {
	if (Array.isArray(schema)) return schema.map(closed) as T;
	if (typeof schema !== 'object' || schema === null) return schema;
	const whole = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)])) as Node;
	return (whole.type === 'object' && whole.properties && !('additionalProperties' in whole) ? { ...whole, additionalProperties: false } : whole) as T;
}

/** Compiles schemas of the document, references to its components included. */
export function openApiValidator(document: Pick<OpenApiDocument, 'components'>): (schema: object) => ValidateFunction {
	const ajv = new Ajv2020({ strict: false, allErrors: true });
	addFormats.default(ajv);
	ajv.addSchema({ $id: 'openapi', components: document.components });
	const local = (schema: unknown): unknown =>
		JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'openapi#') : value)));
	return (schema) => ajv.compile(local(schema) as object);
}

/** What is wrong with a value, or nothing. */
export function faultsOf(validate: ValidateFunction, value: unknown): string[] {
	if (validate(value)) return [];
	return validate.errors!.map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
}

export type DocumentedOperation = {
	method: string;
	path: string;
	parameters?: { name: string; in: string; schema: object; example?: unknown }[];
	requestBody?: { content: Record<string, DocumentedContent> };
	responses: Record<string, { description: string; content?: Record<string, DocumentedContent> }>;
};
export type DocumentedContent = { schema: object; examples?: Record<string, { value: unknown }> };

/** The document's operations, in its order. */
export const operationsOf = (document: Pick<OpenApiDocument, 'paths'>): DocumentedOperation[] =>
	Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...(operation as DocumentedOperation), method: method.toUpperCase(), path })));
