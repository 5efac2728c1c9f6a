/**
 * Every JSON body that documents A and B print, word for word, with the place in our own document that describes it:
 * an operation's `request` or the status it answers, or the name of a schema where the place is a frame or an error.
 */
export type DocumentExample = { document: 'A' | 'B'; place: string; value: unknown };

export const documentExamples: DocumentExample[] = [
	{ document: 'B', place: 'POST /api/auth/login request', value: { username: 'admin', password: 'admin' } },
	{ document: 'B', place: 'GET /api/auth/csrf 200', value: { csrfToken: 'guid-string' } },
	{ document: 'B', place: 'GET /api/models 200', value: [{ id: 'model-name', object: 'model', created: 1234567890, ownedBy: 'lm-studio' }] },
	{
		document: 'B', place: 'POST /api/chat request',
		value: { model: 'model-name', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0.7, max_tokens: 1000, top_p: 0.9, stream: true }
	},
	{ document: 'B', place: 'ContentChunk', value: { choices: [{ delta: { content: 'Hello' } }] } },
	{ document: 'B', place: 'ContentChunk', value: { choices: [{ delta: { content: '!' } }] } },
	{
		document: 'B', place: 'GET /api/conversations 200',
		value: [{ id: 'conversation-id', title: 'Conversation Title', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' }]
	},
	{ document: 'B', place: 'POST /api/conversations request', value: { title: 'New Conversation' } },
	{
		document: 'B', place: 'POST /api/conversations 200',
		value: { id: 'conversation-id', title: 'New Conversation', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' }
	},
	{
		document: 'B', place: 'GET /api/conversations/{id} 200',
		value: {
			id: 'conversation-id',
			title: 'Conversation Title',
			createdAt: '2024-01-01T00:00:00Z',
			updatedAt: '2024-01-01T00:00:00Z',
			messages: [{ id: 'message-id', role: 'user', content: 'Hello', promptTokens: 5, completionTokens: 0, latencyMs: 0, createdAt: '2024-01-01T00:00:00Z' }]
		}
	},
	{
		document: 'B', place: 'GET /health/ready 200',
		value: {
			status: 'Healthy',
			checks: [
				{ name: 'Database', status: 'Healthy', description: 'Database connection is healthy' },
				{ name: 'LM Studio', status: 'Healthy', description: 'LM Studio connection is healthy' }
			]
		}
	},
	{
		document: 'B', place: 'ProblemDetails',
		value: {
			type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
			title: 'Bad Request',
			status: 400,
			detail: 'The request was invalid',
			errors: ['Username is required', 'Password must be at least 1 character']
		}
	},
	{
		document: 'A', place: 'GET /api/models 200',
		value: { count: 3, models: [{ name: 'llama-2-7b-chat', description: 'Chat model for Llama 2', status: 'running', version: '2.0' }] }
	},
	{ document: 'A', place: 'POST /api/models request', value: { models: [{ name: 'mistral-7b', description: 'Mistral model', path: '/path/to/model' }] } },
	{ document: 'A', place: 'POST /api/models 200', value: { message: 'Models registered successfully', registered: 1 } },
	{ document: 'A', place: 'POST /api/models/discover request', value: { paths: ['/path/to/models', '/another/path'] } },
	{
		document: 'A', place: 'POST /api/models/discover 200',
		value: {
			discovered: [{ name: 'llama-3-8b', description: 'Llama 3 Base model', version: '3.0', path: '/path/to/models/llama-3-8b.gguf', family: 'llama', size: 1234567890 }],
			scannedPaths: ['/path/to/models', '/another/path'],
			totalFound: 1
		}
	},
	{
		document: 'A', place: 'GET /api/config 200',
		value: { app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: 3000 }, models: { defaultModel: 'llama-2-7b-chat', maxConcurrent: 3 } }
	},
	{ document: 'A', place: 'POST /api/config request', value: { models: { defaultModel: 'mistral-7b', maxConcurrent: 5 } } },
	{ document: 'A', place: 'GET /api/monitoring 200', value: { cpu: 45.2, memory: 67.8, activeModels: 2, totalRequests: 1234, uptime: 3600 } },
	{ document: 'A', place: 'GET /api/monitoring/history 200', value: { history: [{ timestamp: '2024-01-15T10:00:00Z', cpu: 45.2, memory: 67.8, requests: 150 }] } },
	{ document: 'A', place: 'GET /api/parameters 200', value: { categories: ['model', 'system', 'performance'] } },
	{
		document: 'A', place: 'GET /api/parameters/{category} 200',
		value: {
			category: 'model',
			parameters: {
				temperature: { value: 0.7, min: 0.0, max: 2.0, description: 'Controls randomness in generation' },
				maxTokens: { value: 2048, min: 1, max: 4096, description: 'Maximum tokens to generate' }
			}
		}
	},
	{ document: 'A', place: 'GET /api/parameters/category/{paramName} 200', value: { parameter: 'temperature', value: 0.7, category: 'model' } },
	{ document: 'A', place: 'StatusFrame', value: { type: 'status', data: { cpuUsage: 45.2, memoryUsage: 67.8, activeModels: 2, totalRequests: 1234 } } },
	{
		document: 'A', place: 'LogsFrame',
		value: { type: 'logs', data: [{ level: 'info', message: 'Model loaded successfully', timestamp: '2024-01-15T10:00:00Z', source: 'model-manager' }] }
	},
	{ document: 'A', place: 'ErrorFrame', value: { type: 'error', data: { message: 'Model loading failed', code: 'MODEL_LOAD_ERROR', details: 'File not found' } } },
	{ document: 'A', place: 'ErrorBody', value: { error: 'Error message', code: 'ERROR_CODE', details: 'Additional error information' } }
];
