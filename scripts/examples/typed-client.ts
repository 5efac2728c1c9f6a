/**
 * A program over the typed client: asks a model, shows the answer as it comes, and reads what the server says of itself.
 *
 *   node scripts/examples/typed-client.ts http://localhost:3000 lr_your-key "Hello"
 *
 * It needs nothing but the package: no tRPC, no schemas, no server.
 */
import { createClient, isClientError, type Outputs } from 'llama-runner/client';

const [url = 'http://localhost:3000', token = '', question = 'Hello'] = process.argv.slice(2);
const client = createClient(url, { token });

type Model = Outputs['models']['list'][number];
const chats = (model: Model) => (model.local?.purpose ?? 'generate') === 'generate' && model.upstream?.chats !== false;

/** Prints the answer as it comes. The server owns it: a program that was cut off could follow it again by its id. */
async function ask(model: string, content: string): Promise<void> {
	const { answerId } = await client.chat.start.mutate({ model, messages: [{ role: 'user', content }], temperature: 0, store: false });
	for await (const { data: event } of client.chat.events.subscribe({ answerId })) {
		if (event.type === 'text') process.stdout.write(event.text);
		if (event.type === 'error') throw new Error(event.message);
		if (event.type === 'usage') console.log(`\n${event.completionTokens} tokens`);
		if (event.type === 'finish') break;
	}
}

try {
	// Three calls, one HTTP request.
	const [models, config, now] = await Promise.all([client.models.list.query(), client.config.get.query(), client.monitoring.current.query()]);
	const model = config.models.defaultModel ?? models.find(chats)?.name;
	if (model === undefined) throw new Error('There is no model yet: register one on the Models page.');
	console.log(`${models.length} models, ${now.activeModels} loaded; asking ${model}`);
	await ask(model, question);
} catch (thrown) {
	if (!isClientError(thrown)) throw thrown;
	console.error(`${thrown.data?.appCode ?? 'UNREACHABLE'}: ${thrown.message}`);
	process.exitCode = 1;
}
