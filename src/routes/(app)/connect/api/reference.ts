import type { JsonSchema } from './schema-text.ts';

type Examples = Record<string, { value: unknown }>;
export type Content = { schema: JsonSchema; examples?: Examples };
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; description: string; required: boolean; schema: JsonSchema; example?: unknown };
type Answer = { $ref?: string; description: string; content?: Record<string, Content> };

/** An operation of the OpenAPI document, as this page reads it. */
export type Operation = {
	id: string;
	method: string;
	path: string;
	tag: string;
	summary: string;
	description: string;
	parameters: Parameter[];
	body: Content | undefined;
	answers: { status: string; description: string; content: [type: string, content: Content][] }[];
	errors: { status: string; description: string }[];
	webSocket: { description: string; sends?: JsonSchema[]; receives: JsonSchema[] } | undefined;
};
export type Reference = { /** Markdown */ introduction: string; operations: Operation[]; tags: { name: string; description: string }[]; schemas: Record<string, JsonSchema> };

type Documented = {
	tags: string[]; operationId: string; summary: string; description: string; parameters?: Parameter[];
	requestBody?: { content: Record<string, Content> };
	responses: Record<string, Answer>;
	'x-websocket'?: Operation['webSocket'];
};
type Document = { info: { description: string }; paths: Record<string, Record<string, Documented>>; tags: Reference['tags']; components: { schemas: Record<string, JsonSchema>; responses: Record<string, Answer> } };

/** Reads the server's own document. */
export async function readReference(signal: AbortSignal): Promise<Reference> {
	const response = await fetch('/api/openapi.json', { signal });
	if (!response.ok) throw new Error(`GET /api/openapi.json answered ${response.status}`);
	const { info, paths, tags, components } = (await response.json()) as Document;
	const named = ({ $ref, ...answer }: Answer): Answer => ($ref ? components.responses[$ref.slice($ref.lastIndexOf('/') + 1)]! : answer);
	const operations = Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]): Operation => {
			const answers = Object.entries(operation.responses).map(([status, answer]) => ({ status, own: !answer.$ref, ...named(answer) }));
			return {
				id: operation.operationId,
				method: method.toUpperCase(),
				path,
				tag: operation.tags[0]!,
				summary: operation.summary,
				description: operation.description,
				parameters: operation.parameters ?? [],
				body: operation.requestBody?.content['application/json'],
				answers: answers.filter(({ own }) => own).map(({ status, description, content = {} }) => ({ status, description, content: Object.entries(content) })),
				errors: answers.filter(({ own }) => !own).map(({ status, description }) => ({ status, description })),
				webSocket: operation['x-websocket']
			};
		})
	);
	return { introduction: info.description, operations, tags, schemas: components.schemas };
}

/** The request's address, its parameters filled in; those left empty are left out. */
export function addressOf({ path, parameters }: Pick<Operation, 'path' | 'parameters'>, values: Record<string, string>): string {
	const filled = parameters.filter((one) => one.in === 'path').reduce((at, { name }) => at.replace(`{${name}}`, (values[name] ?? '').split('/').map(encodeURIComponent).join('/')), path);
	const query = new URLSearchParams(parameters.flatMap((one) => (one.in === 'query' && values[one.name] ? [[one.name, values[one.name]!]] : [])));
	return query.size ? `${filled}?${query.toString()}` : filled;
}

const shell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request in a terminal. */
export function curlOf(origin: string, { method }: Pick<Operation, 'method'>, address: string, body: string | undefined): string {
	return [
		`curl${method === 'GET' ? '' : ` -X ${method}`} ${shell(origin + address)}`,
		`  -H ${shell('Authorization: Bearer YOUR_API_KEY')}`,
		...(body === undefined ? [] : [`  -H ${shell('Content-Type: application/json')}`, `  -d ${shell(body)}`])
	].join(' \\\n');
}
