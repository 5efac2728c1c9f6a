import { openAiErrorSchema } from '../contract/rest/errors.ts';
import { errorTable, problemSchema } from '../contract/errors.ts';
import { anthropicErrorSchema } from '../contract/v1/messages.ts';
import { anthropicErrorExample, openAiErrorExample, problem } from './examples.ts';
import { tags, type Content, type Operation, type Parameter } from './operation.ts';
import { restOperations } from './rest.ts';
import { schemaComponents, schemaOf } from './schemas.ts';
import { v1Operations } from './v1.ts';
import { v1FurtherOperations } from './v1-further.ts';

export const operations: Operation[] = [...restOperations, ...v1Operations, ...v1FurtherOperations];

/** What fails in each dialect. */
type Dialect = NonNullable<Operation['dialect']>;
const failures: Record<Dialect, Content> = {
	problem: { type: 'application/problem+json', schema: problemSchema, examples: { invalid: problem } },
	openai: { schema: openAiErrorSchema, examples: { 'no such model': openAiErrorExample } },
	anthropic: { schema: anthropicErrorSchema, examples: { 'no such model': anthropicErrorExample } }
};

const who: Record<Operation['who'], string> = {
	anyone: 'Anyone may call it.',
	user: 'For a signed-in user.',
	read: 'For a signed-in user; where the API is open (`API_ACCESS`), for anyone.',
	write: 'For an administrator; where the API is open (`API_ACCESS`), for anyone.'
};

const contentOf = (contents: Content[]) =>
	Object.fromEntries(
		contents.map(({ type = 'application/json', schema, examples }) => [
			type,
			{ schema: schemaOf(schema), ...(examples ? { examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])) } : {}) }
		])
	);

const parameterOf = ({ name, in: place, description, schema, example }: Parameter) => ({
	name, in: place, description, required: place === 'path', schema: schemaOf(schema), ...(example === undefined ? {} : { example })
});

const codesOf = (status: number) => Object.entries(errorTable).flatMap(([code, row]) => (row.status === status ? [code] : []));

const failureName = (dialect: Dialect, status: number) => `${dialect}${status}`;

/** Each way to fail, once. */
const failureResponses = () =>
	Object.fromEntries(
		operations.flatMap((operation) =>
			errorsOf(operation).map((status) => [failureName(operation.dialect ?? 'problem', status), { description: codesOf(status).join(', '), content: contentOf([failures[operation.dialect ?? 'problem']]) }])
		)
	);

/** Statuses that an operation can answer when something is wrong. */
function errorsOf({ method, who: caller, errors = [], path }: Operation): number[] {
	const general = [...(method === 'get' ? [] : [400, 413, 415]), ...(caller === 'anyone' ? [] : [401]), ...(caller === 'write' ? [403] : []), ...(path.startsWith('/api/') || path.startsWith('/v1/') ? [429] : [])];
	return [...new Set([...general, ...errors])].sort((a, b) => a - b);
}

/** `getApiModels`, `postV1ChatCompletions`, `getApiConversationsById`. */
const operationId = ({ method, path }: Operation) =>
	method + path.split('/').filter(Boolean).map((part) => part.replace(/^\{(\w+)\}$/, 'by_$1').replace(/(?:^|[^a-z0-9]+)([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase())).join('');

function documented(operation: Operation) {
	const { tag, summary, description, parameters, body, answers, dialect = 'problem', webSocket } = operation;
	return {
		tags: [tag],
		operationId: operationId(operation),
		summary,
		description: [description, who[operation.who]].filter(Boolean).join('\n\n'),
		...(operation.who === 'anyone' ? { security: [] } : operation.who === 'user' ? {} : { security: [{ bearer: [] }, { cookie: [] }, {}] }),
		...(parameters ? { parameters: parameters.map(parameterOf) } : {}),
		...(body ? { requestBody: { required: true, content: contentOf([body]) } } : {}),
		responses: {
			...Object.fromEntries(
				Object.entries(answers).map(([status, { description: what, content, headers }]) => [
					status,
					{
						description: what,
						...(headers ? { headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }])) } : {}),
						...(content ? { content: contentOf(content) } : {})
					}
				])
			),
			...Object.fromEntries(errorsOf(operation).map((status) => [status, { $ref: `#/components/responses/${failureName(dialect, status)}` }]))
		},
		...(webSocket ? { 'x-websocket': { description: webSocket.description, ...(webSocket.sends ? { sends: webSocket.sends.map(schemaOf) } : {}), receives: webSocket.receives.map(schemaOf) } } : {})
	};
}

const introduction = `One server, several dialects: the REST API of this program under \`/api\`, what OpenAI's and Anthropic's clients ask under \`/v1\`, and a typed API for TypeScript under \`/trpc\` (see the page "Connect").

Credentials are an API key or a token from \`POST /api/auth/login\`, as \`Authorization: Bearer …\` (under \`/v1\` also as \`x-api-key\`), or the cookie of a browser that has signed in. Requests are counted: 60 a minute for a user, 100 for an address without credentials; \`X-RateLimit-Limit\`, \`-Remaining\` and \`-Reset\` say where that stands. A body may have 10 MiB. Every answer carries \`X-Request-Id\`, which is in the log.`;

/** The OpenAPI 3.1 document of everything that is no page. */
export function openApiDocument(version: string) {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = documented(operation);
	const used = new Set(operations.map(({ tag }) => tag));
	return {
		openapi: '3.1.1',
		info: { title: 'Llama Runner', version, description: introduction },
		jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
		servers: [{ url: '/' }],
		security: [{ bearer: [] }, { cookie: [] }],
		tags: Object.entries(tags).flatMap(([name, description]) => (used.has(name as Operation['tag']) ? [{ name, description }] : [])),
		paths,
		components: {
			schemas: schemaComponents(),
			responses: failureResponses(),
			securitySchemes: {
				bearer: { type: 'http', scheme: 'bearer', description: 'An API key (`lr_…`) or a token from `POST /api/auth/login`.' },
				cookie: { type: 'apiKey', in: 'cookie', name: 'access_token', description: 'Set by signing in.' }
			}
		}
	};
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;
