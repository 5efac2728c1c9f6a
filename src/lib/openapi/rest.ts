import { z } from 'zod';
import { chatRequestSchema } from '../contract/chat.ts';
import { loginSchema } from '../contract/identity.ts';
import { csrfAnswerSchema, loginAnswerSchema } from '../contract/rest/auth.ts';
import { configChangedSchema, configChangeSchema, configSchema } from '../contract/rest/config.ts';
import { conversationDetailSchema, conversationListSchema, conversationSchema, newConversationSchema } from '../contract/rest/conversations.ts';
import { chatErrorFrameSchema } from '../contract/rest/errors.ts';
import { livenessSchema, readinessSchema } from '../contract/rest/health.ts';
import { discoveredSchema, discoverySchema, openAiModelListSchema, registeredSchema, registrationSchema, registryModelListSchema } from '../contract/rest/models.ts';
import { errorFrameSchema, hoursSchema, logsFrameSchema, monitoringHistorySchema, monitoringNowSchema, statusFrameSchema } from '../contract/rest/monitoring.ts';
import { parameterCategoriesSchema, parameterCategorySchema, parameterChangeSchema, parameterValueSchema } from '../contract/rest/parameters.ts';
import { chatChunkSchema, chatCompletionSchema } from '../contract/v1/chat.ts';
import { chatChunk, chatCompletion } from './examples.ts';
import type { Operation } from './operation.ts';

const category = { name: 'category', in: 'path', description: 'model, system or performance', schema: z.string(), example: 'model' } as const;
const paramName = { name: 'paramName', in: 'path', description: "The parameter's name; names are unique over the categories.", schema: z.string(), example: 'temperature' } as const;
const temperature = { parameter: 'temperature', value: 0.7, category: 'model' };

/** Everything under `/api`, and the probes. Its examples are those of documents A and B. */
export const restOperations: Operation[] = [
	{
		method: 'post', path: '/api/auth/login', tag: 'Sign-in', who: 'anyone',
		summary: 'Sign in',
		description: 'The token is in the body for programs and in the HttpOnly cookie `access_token` for browsers. For a program that runs for long, an API key is better: it has no end.',
		body: { schema: loginSchema, examples: { 'a fresh server': { username: 'admin', password: 'admin' } } },
		answers: {
			200: {
				description: 'Signed in',
				headers: { 'Set-Cookie': 'access_token=<JWT>; HttpOnly; SameSite=Lax; Path=/' },
				content: [{ schema: loginAnswerSchema, examples: { 'signed in': { success: true, token: 'eyJhbGciOiJIUzI1NiJ9.…', message: 'Login successful', user: { id: 'b1c7…', username: 'admin', role: 'admin' } } } }]
			}
		},
		errors: [401]
	},
	{ method: 'post', path: '/api/auth/logout', tag: 'Sign-in', who: 'anyone', summary: 'Sign out', description: 'Ends the session behind the token or cookie at once.', answers: { 204: { description: 'Nobody is signed in any more' } } },
	{
		method: 'get', path: '/api/auth/csrf', tag: 'Sign-in', who: 'anyone',
		summary: 'Get a CSRF token',
		description: 'Needed by a page of another site alone, and only when it goes by cookie. Requests with a Bearer token need none.',
		answers: { 200: { description: 'A token, bound to a cookie', content: [{ schema: csrfAnswerSchema, examples: { token: { csrfToken: 'guid-string' } } }] } }
	},
	{
		method: 'post', path: '/api/chat', tag: 'Chat', who: 'user',
		summary: 'Chat',
		description:
			'Server-Sent Events, the last `data: [DONE]`; with `"stream": false` one whole answer. The exchange is kept as a conversation unless `store` is false: a new one, named in `X-Conversation-Id`, or the one that `conversationId` names. While it waits for a model the stream says so in comments.\n\nLeaving cancels the answer at once. A failure before the first byte has its status; one after it is a last frame `data: {"error": …}`.',
		body: {
			schema: chatRequestSchema,
			examples: {
				streamed: { model: 'model-name', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0.7, max_tokens: 1000, top_p: 0.9, stream: true },
				'in one piece': { model: 'model-name', messages: [{ role: 'system', content: 'Answer in one sentence.' }, { role: 'user', content: 'Hello' }], stream: false, store: false }
			}
		},
		answers: {
			200: {
				description: 'The answer',
				headers: { 'X-Conversation-Id': 'the conversation it is kept in' },
				content: [
					{ type: 'text/event-stream', schema: chatChunkSchema, examples: { content: chatChunk } },
					{ schema: chatCompletionSchema, examples: { whole: chatCompletion } }
				]
			}
		},
		errors: [404, 500, 502, 503, 504],
		webSocket: {
			description: 'The first text frame is the chat request. Each frame that comes back is what stands behind `data: ` in the stream, the first with `conversationId` added; the last is always the text `[DONE]`, and then the next request may follow on the same socket.',
			sends: [chatRequestSchema],
			receives: [chatChunkSchema, chatErrorFrameSchema]
		}
	},
	{
		method: 'get', path: '/api/conversations', tag: 'Conversations', who: 'user',
		summary: 'List your conversations',
		description: 'Newest first.',
		answers: { 200: { description: 'All of them', content: [{ schema: conversationListSchema, examples: { one: [{ id: 'conversation-id', title: 'Conversation Title', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' }] } }] } }
	},
	{
		method: 'post', path: '/api/conversations', tag: 'Conversations', who: 'user',
		summary: 'Create a conversation',
		body: { schema: newConversationSchema, examples: { new: { title: 'New Conversation' } } },
		answers: { 200: { description: 'It is there', content: [{ schema: conversationSchema, examples: { new: { id: 'conversation-id', title: 'New Conversation', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' } } }] } }
	},
	{
		method: 'get', path: '/api/conversations/{id}', tag: 'Conversations', who: 'user',
		summary: 'Read a conversation',
		description: 'With all messages, oldest first.',
		parameters: [{ name: 'id', in: 'path', description: "The conversation's id.", schema: z.string() }],
		answers: {
			200: {
				description: 'The conversation',
				content: [
					{
						schema: conversationDetailSchema,
						examples: {
							one: {
								id: 'conversation-id', title: 'Conversation Title', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z',
								messages: [{ id: 'message-id', role: 'user', content: 'Hello', promptTokens: 5, completionTokens: 0, latencyMs: 0, createdAt: '2024-01-01T00:00:00Z' }]
							}
						}
					}
				]
			}
		},
		errors: [404]
	},
	{
		method: 'get', path: '/api/models', tag: 'Models', who: 'read',
		summary: 'List the models',
		description: 'One list in two shapes. With credentials an array in the manner of OpenAI, without any (where the API is open) `{count, models}`; `view` or the media type\'s `profile` asks for one of them.',
		parameters: [
			{ name: 'view', in: 'query', description: 'openai or registry', schema: z.enum(['openai', 'registry']).optional() },
			{ name: 'Accept', in: 'header', description: '`application/json; profile="aigs"` or `profile="llama-runner"`', schema: z.string().optional() }
		],
		answers: {
			200: {
				description: 'Registered local models and the models of every upstream that answers',
				content: [
					{
						schema: z.union([registryModelListSchema, openAiModelListSchema]),
						examples: {
							registry: { count: 1, models: [{ name: 'llama-2-7b-chat', description: 'Chat model for Llama 2', status: 'running', version: '2.0' }] },
							openai: [{ id: 'model-name', object: 'model', created: 1234567890, ownedBy: 'lm-studio' }]
						}
					}
				]
			}
		}
	},
	{
		method: 'post', path: '/api/models', tag: 'Models', who: 'write',
		summary: 'Register models',
		description: 'By name: one that is there already is replaced. All or nothing: a path that is no readable GGUF file is one entry in `errors`, and nothing is written.',
		body: { schema: registrationSchema, examples: { one: { models: [{ name: 'mistral-7b', description: 'Mistral model', path: '/path/to/model' }] } } },
		answers: { 200: { description: 'They are registered', content: [{ schema: registeredSchema, examples: { one: { message: 'Models registered successfully', registered: 1 } } }] } },
		errors: [403]
	},
	{
		method: 'post', path: '/api/models/discover', tag: 'Models', who: 'write',
		summary: 'Look for model files',
		description: 'In folders and below. Registers nothing.',
		body: { schema: discoverySchema, examples: { 'two folders': { paths: ['/path/to/models', '/another/path'] } } },
		answers: {
			200: {
				description: 'What was found',
				content: [
					{
						schema: discoveredSchema,
						examples: {
							one: {
								discovered: [{ name: 'llama-3-8b', description: 'Llama 3 Base model', version: '3.0', path: '/path/to/models/llama-3-8b.gguf', family: 'llama', size: 1234567890 }],
								scannedPaths: ['/path/to/models', '/another/path'],
								totalFound: 1
							}
						}
					}
				]
			}
		},
		errors: [403, 504]
	},
	{
		method: 'get', path: '/api/config', tag: 'Configuration', who: 'read',
		summary: 'Read the configuration',
		answers: {
			200: {
				description: 'The configuration',
				content: [{ schema: configSchema, examples: { config: { app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: 3000 }, models: { defaultModel: 'llama-2-7b-chat', maxConcurrent: 3 } } } }]
			}
		}
	},
	{
		method: 'post', path: '/api/config', tag: 'Configuration', who: 'write',
		summary: 'Change the configuration',
		description: 'Any part of it; effective at once and kept over a restart. `app` can only be read.',
		body: { schema: configChangeSchema, examples: { change: { models: { defaultModel: 'mistral-7b', maxConcurrent: 5 } } } },
		answers: {
			200: {
				description: 'The whole configuration, as it is now',
				content: [{ schema: configChangedSchema, examples: { changed: { app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: 3000 }, models: { defaultModel: 'mistral-7b', maxConcurrent: 5 }, message: 'Configuration updated successfully' } } }]
			}
		}
	},
	{
		method: 'get', path: '/api/monitoring', tag: 'Monitoring', who: 'read',
		summary: 'Read the current figures',
		answers: { 200: { description: 'Now', content: [{ schema: monitoringNowSchema, examples: { now: { cpu: 45.2, memory: 67.8, activeModels: 2, totalRequests: 1234, uptime: 3600 } } }] } }
	},
	{
		method: 'get', path: '/api/monitoring/history', tag: 'Monitoring', who: 'read',
		summary: 'Read past figures',
		description: 'Ascending; one sample each 30 s, longer windows averaged into at most 2,880 points. Nothing is invented: no data is `[]`.',
		parameters: [{ name: 'hours', in: 'query', description: 'How far back; 24 unless given.', schema: hoursSchema, example: 1 }], errors: [400],
		answers: { 200: { description: 'The samples', content: [{ schema: monitoringHistorySchema, examples: { one: { history: [{ timestamp: '2024-01-15T10:00:00Z', cpu: 45.2, memory: 67.8, requests: 150 }] } } }] } }
	},
	{
		method: 'get', path: '/api/websocket', tag: 'Monitoring', who: 'read',
		summary: 'Follow status, logs and errors',
		description: 'A WebSocket. A plain GET answers 426.',
		answers: { 101: { description: 'The WebSocket is open' } },
		errors: [426],
		webSocket: {
			description: 'At once one `status` and one `logs` frame with the last entries; then `status` every 2 s, `logs` as they come, `error` when one happens. What the client sends is ignored.',
			receives: [statusFrameSchema, logsFrameSchema, errorFrameSchema]
		}
	},
	{
		method: 'get', path: '/api/parameters', tag: 'Parameters', who: 'read',
		summary: 'List the categories',
		answers: { 200: { description: 'Their names', content: [{ schema: parameterCategoriesSchema, examples: { all: { categories: ['model', 'system', 'performance'] } } }] } }
	},
	{
		method: 'get', path: '/api/parameters/{category}', tag: 'Parameters', who: 'read',
		summary: 'Read a category',
		parameters: [category],
		answers: {
			200: {
				description: 'Its parameters by name',
				content: [
					{
						schema: parameterCategorySchema,
						examples: {
							model: {
								category: 'model',
								parameters: {
									temperature: { value: 0.7, min: 0.0, max: 2.0, description: 'Controls randomness in generation' },
									maxTokens: { value: 2048, min: 1, max: 4096, description: 'Maximum tokens to generate' }
								}
							}
						}
					}
				]
			}
		},
		errors: [404]
	},
	{
		method: 'get', path: '/api/parameters/category/{paramName}', tag: 'Parameters', who: 'read',
		summary: 'Read a parameter',
		description: '`category` is literal here: the parameter is looked for in all of them.',
		parameters: [paramName],
		answers: { 200: { description: 'Its value', content: [{ schema: parameterValueSchema, examples: { temperature } }] } },
		errors: [404]
	},
	{
		method: 'put', path: '/api/parameters/category/{paramName}', tag: 'Parameters', who: 'write',
		summary: 'Set a parameter',
		description: 'The next generation uses it.',
		parameters: [paramName],
		body: { schema: parameterChangeSchema, examples: { temperature: { value: 0.7 } } },
		answers: { 200: { description: 'Its new value', content: [{ schema: parameterValueSchema, examples: { temperature } }] } },
		errors: [404]
	},
	{
		method: 'get', path: '/api/parameters/{category}/{paramName}', tag: 'Parameters', who: 'read',
		summary: 'Read a parameter of a category',
		parameters: [category, paramName],
		answers: { 200: { description: 'Its value', content: [{ schema: parameterValueSchema, examples: { temperature } }] } },
		errors: [404]
	},
	{
		method: 'put', path: '/api/parameters/{category}/{paramName}', tag: 'Parameters', who: 'write',
		summary: 'Set a parameter of a category',
		parameters: [category, paramName],
		body: { schema: parameterChangeSchema, examples: { temperature: { value: 0.7 } } },
		answers: { 200: { description: 'Its new value', content: [{ schema: parameterValueSchema, examples: { temperature } }] } },
		errors: [404]
	},
	{
		method: 'get', path: '/api/openapi.json', tag: 'Health', who: 'read',
		summary: 'This document',
		answers: { 200: { description: 'OpenAPI 3.1', content: [{ schema: z.looseObject({ openapi: z.string() }) }] } }
	},
	{ method: 'get', path: '/health/live', tag: 'Health', who: 'anyone', summary: 'Is it alive', answers: { 200: { description: 'Service is alive', content: [{ schema: livenessSchema, examples: { alive: { status: 'Healthy' } } }] } } },
	{
		method: 'get', path: '/health/ready', tag: 'Health', who: 'anyone',
		summary: 'Can it serve',
		answers: {
			200: {
				description: 'Healthy or Degraded: a chat would be answered',
				content: [
					{
						schema: readinessSchema,
						examples: {
							healthy: {
								status: 'Healthy',
								checks: [
									{ name: 'Database', status: 'Healthy', description: 'Database connection is healthy' },
									{ name: 'LM Studio', status: 'Healthy', description: 'LM Studio connection is healthy' }
								]
							}
						}
					}
				]
			},
			503: { description: 'Unhealthy', content: [{ schema: readinessSchema }] }
		}
	},
	{
		method: 'get', path: '/metrics', tag: 'Health', who: 'anyone',
		summary: 'Prometheus metrics',
		description: 'With `METRICS_TOKEN` set, that token is needed as Bearer.',
		answers: {
			200: {
				description: 'Prometheus-formatted metrics',
				content: [
					{
						type: 'text/plain',
						schema: z.string(),
						examples: {
							metrics:
								'# HELP http_requests_total Total number of HTTP requests\n# TYPE http_requests_total counter\nhttp_requests_total{method="GET",endpoint="/api/models"} 10\n\n# HELP active_streams Current number of active chat streams\n# TYPE active_streams gauge\nactive_streams 2'
						}
					}
				]
			}
		},
		errors: [401]
	}
];
