import type { PlainKey } from '#lib/i18n/index.ts';

/** What is filled into the lines. */
export type Place = {
	/** the server's address without a path */
	origin: string;
	key: string;
	model: string;
};

export type Block = { /** a file's name, or what the block is for */ title?: string; language: 'bash' | 'python' | 'javascript' | 'typescript' | 'yaml' | 'json'; code: string };
export type ClientGuide = { id: string; name: string; group: 'terminal' | 'libraries' | 'apps' | 'agents' | 'own'; /** what must be known about it */ note?: PlainKey; blocks: (place: Place) => Block[] };

/** JSON's strings are JavaScript's, Python's and YAML's too. */
const text = (value: string): string => JSON.stringify(value);
/** A text as one word of a shell. */
const shell = (value: string): string => (/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
const javascript = (value: string): string => (/['\\]/.test(value) ? text(value) : `'${value}'`);

const v1 = ({ origin }: Place) => `${origin}/v1`;

/** Every client that people come with, with lines that work as they are. */
export const guides: ClientGuide[] = [
	{
		id: 'curl', name: 'curl', group: 'terminal',
		blocks: (place) => [
			{
				language: 'bash',
				code: [
					`curl -N ${shell(`${v1(place)}/chat/completions`)} \\`,
					`  -H ${shell(`Authorization: Bearer ${place.key}`)} \\`,
					"  -H 'Content-Type: application/json' \\",
					`  -d ${shell(JSON.stringify({ model: place.model, messages: [{ role: 'user', content: 'Hello' }], stream: true }))}`
				].join('\n')
			}
		]
	},
	{
		id: 'openai-python', name: 'OpenAI (Python)', group: 'libraries',
		blocks: (place) => [
			{ language: 'bash', code: 'pip install openai' },
			{
				language: 'python',
				code: `from openai import OpenAI

client = OpenAI(base_url=${text(v1(place))}, api_key=${text(place.key)})
stream = client.chat.completions.create(
    model=${text(place.model)},
    messages=[{"role": "user", "content": "Hello"}],
    stream=True,
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="", flush=True)`
			}
		]
	},
	{
		id: 'openai-node', name: 'OpenAI (JavaScript)', group: 'libraries',
		blocks: (place) => [
			{ language: 'bash', code: 'npm install openai' },
			{
				language: 'javascript',
				code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: ${javascript(v1(place))}, apiKey: ${javascript(place.key)} });
const stream = await client.chat.completions.create({
  model: ${javascript(place.model)},
  messages: [{ role: 'user', content: 'Hello' }],
  stream: true
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');`
			}
		]
	},
	{
		id: 'anthropic', name: 'Anthropic', group: 'libraries', note: 'connect.note.anthropic',
		blocks: (place) => [
			{ title: 'Python', language: 'bash', code: 'pip install anthropic' },
			{
				language: 'python',
				code: `from anthropic import Anthropic

client = Anthropic(base_url=${text(place.origin)}, api_key=${text(place.key)})
with client.messages.stream(
    model=${text(place.model)},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)`
			},
			{ title: 'JavaScript', language: 'bash', code: 'npm install @anthropic-ai/sdk' },
			{
				language: 'javascript',
				code: `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: ${javascript(place.origin)}, apiKey: ${javascript(place.key)} });
const stream = client.messages.stream({
  model: ${javascript(place.model)},
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Hello' }]
});
for await (const event of stream) {
  if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') process.stdout.write(event.delta.text);
}`
			}
		]
	},
	{
		id: 'ai-sdk', name: 'AI SDK', group: 'libraries',
		blocks: (place) => [
			{ language: 'bash', code: 'npm install ai @ai-sdk/openai-compatible' },
			{
				language: 'javascript',
				code: `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';

const server = createOpenAICompatible({
  name: 'llama-runner',
  baseURL: ${javascript(v1(place))},
  apiKey: ${javascript(place.key)},
  includeUsage: true,
  supportsStructuredOutputs: true
});
const { textStream } = streamText({ model: server(${javascript(place.model)}), prompt: 'Hello' });
for await (const text of textStream) process.stdout.write(text);`
			}
		]
	},
	{
		id: 'langchain', name: 'LangChain', group: 'libraries', note: 'connect.note.langchain',
		blocks: (place) => [
			{ title: 'Python', language: 'bash', code: 'pip install langchain-openai' },
			{
				language: 'python',
				code: `from langchain_openai import ChatOpenAI

llm = ChatOpenAI(
    base_url=${text(v1(place))},
    api_key=${text(place.key)},
    model=${text(place.model)},
    stream_usage=True,
)
for chunk in llm.stream("Hello"):
    print(chunk.content, end="", flush=True)`
			},
			{ title: 'JavaScript', language: 'bash', code: 'npm install @langchain/openai @langchain/core' },
			{
				language: 'javascript',
				code: `import { ChatOpenAI } from '@langchain/openai';

const llm = new ChatOpenAI({
  model: ${javascript(place.model)},
  apiKey: ${javascript(place.key)},
  streamUsage: true,
  configuration: { baseURL: ${javascript(v1(place))} }
});
for await (const chunk of await llm.stream('Hello')) process.stdout.write(String(chunk.content));`
			}
		]
	},
	{
		id: 'continue', name: 'Continue', group: 'apps',
		blocks: (place) => [
			{
				title: '~/.continue/config.yaml',
				language: 'yaml',
				code: `name: Llama Runner
version: 1.0.0
schema: v1
models:
  - name: ${text(place.model)}
    provider: openai
    model: ${text(place.model)}
    apiBase: ${text(v1(place))}
    apiKey: ${text(place.key)}
    roles: [chat, edit, apply]`
			}
		]
	},
	{
		id: 'open-webui', name: 'Open WebUI', group: 'apps', note: 'connect.note.openWebUi',
		blocks: (place) => [
			{
				language: 'bash',
				code: [`export OPENAI_API_BASE_URL=${shell(v1(place))}`, `export OPENAI_API_KEY=${shell(place.key)}`, 'export ENABLE_OLLAMA_API=false', 'open-webui serve'].join('\n')
			}
		]
	},
	{
		id: 'claude-code', name: 'Claude Code', group: 'agents', note: 'connect.note.claudeCode',
		blocks: (place) => [
			{
				language: 'bash',
				code: [
					`export ANTHROPIC_BASE_URL=${shell(place.origin)}`,
					`export ANTHROPIC_AUTH_TOKEN=${shell(place.key)}`,
					`export ANTHROPIC_MODEL=${shell(place.model)}`,
					`export ANTHROPIC_DEFAULT_HAIKU_MODEL=${shell(place.model)}`,
					'export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1',
					'claude'
				].join('\n')
			}
		]
	},
	{
		id: 'agents', name: 'OpenCode, Aider …', group: 'agents', note: 'connect.note.agents',
		blocks: (place) => [
			{ title: 'OPENAI_…', language: 'bash', code: [`export OPENAI_BASE_URL=${shell(v1(place))}`, `export OPENAI_API_KEY=${shell(place.key)}`].join('\n') },
			{
				title: 'opencode.json',
				language: 'json',
				code: JSON.stringify(
					{
						$schema: 'https://opencode.ai/config.json',
						provider: { 'llama-runner': { npm: '@ai-sdk/openai-compatible', name: 'Llama Runner', options: { baseURL: v1(place), apiKey: place.key }, models: { [place.model]: { name: place.model } } } },
						model: `llama-runner/${place.model}`
					},
					null,
					2
				)
			},
			{ title: 'Aider', language: 'bash', code: [`export OPENAI_API_BASE=${shell(v1(place))}`, `export OPENAI_API_KEY=${shell(place.key)}`, `aider --model ${shell(`openai/${place.model}`)}`].join('\n') }
		]
	},
	{
		id: 'typed-client', name: 'TypeScript (tRPC)', group: 'own', note: 'connect.note.typedClient',
		blocks: (place) => [
			{ language: 'bash', code: `npm install ${shell(`${place.origin}/client.tgz`)}` },
			{
				language: 'typescript',
				code: `import { createClient } from 'llama-runner/client';

const client = createClient(${javascript(place.origin)}, { token: ${javascript(place.key)} });
const { answerId } = await client.chat.start.mutate({
  model: ${javascript(place.model)},
  messages: [{ role: 'user', content: 'Hello' }],
  store: false
});
for await (const { data } of client.chat.events.subscribe({ answerId })) {
  if (data.type === 'text') process.stdout.write(data.text);
  if (data.type === 'finish') break;
}`
			}
		]
	},
	{
		id: 'websocket', name: 'WebSocket', group: 'own', note: 'connect.note.webSocket',
		blocks: (place) => [
			{
				language: 'javascript',
				code: `const socket = new WebSocket(${javascript(`${place.origin.replace(/^http/, 'ws')}/api/chat`)}, {
  headers: { authorization: ${javascript(`Bearer ${place.key}`)} }
});
socket.onopen = () => socket.send(JSON.stringify({
  model: ${javascript(place.model)},
  messages: [{ role: 'user', content: 'Hello' }],
  store: false
}));
socket.onmessage = ({ data }) => {
  if (data === '[DONE]') return socket.close();
  const { choices, error } = JSON.parse(data);
  process.stdout.write(error?.message ?? choices?.[0]?.delta.content ?? '');
};`
			}
		]
	}
];
