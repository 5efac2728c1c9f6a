/** The process behind probe.ts: takes a request as JSON and prints the answer as JSON, or takes and answers them as messages. */
import { trustCpuBinary } from '../../../src/lib/server/pool/engine/trust-cpu-binary.ts';
import type { ProbeAnswer, ProbeRequest } from './probe.ts';

trustCpuBinary(); // half of this process's time otherwise
const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');

const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: LlamaLogLevel.error });

async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
	if (request.tryAll) {
		const loaded: string[] = [];
		for (const modelPath of request.tryAll)
			await llama.loadModel({ modelPath, gpuLayers: 0 }).then(
				() => loaded.push(modelPath),
				() => {}
			);
		return { loaded };
	}
	const model = await llama.loadModel({ modelPath: request.path, gpuLayers: 0 });
	const answer: ProbeAnswer = {};
	if (request.tokenize !== undefined) {
		const tokens = model.tokenize(request.tokenize, true);
		answer.tokens = tokens;
		answer.roundTrip = model.detokenize(tokens, true);
	}
	if (request.prompt !== undefined) {
		const context = await model.createContext({ contextSize: request.contextLength ?? 512, sequences: 1, threads: 1 });
		const generated = [];
		answer.ended = true;
		for await (const token of context.getSequence().evaluate(model.tokenize(request.prompt, true), { temperature: request.temperature ?? 0, seed: 1 })) {
			generated.push(token);
			if (generated.length < (request.maxTokens ?? 64)) continue;
			answer.ended = false;
			break;
		}
		answer.generated = generated;
		answer.text = model.detokenize(generated);
	}
	if (request.embed) {
		const context = await model.createEmbeddingContext({ contextSize: 256, threads: 1 });
		answer.embeddings = [];
		for (const text of request.embed) answer.embeddings.push([...(await context.getEmbeddingFor(text)).vector]);
	}
	if (request.rank) {
		const context = await model.createRankingContext({ contextSize: 256, threads: 1 });
		answer.ranks = await context.rankAll(request.rank.query, request.rank.documents);
	}
	await model.dispose();
	return answer;
}

// llama itself is not disposed of: after two failed loads that never settles (node-llama-cpp 3.22.1)
const [, , given] = process.argv;
if (given === undefined) process.on('message', (request: ProbeRequest) => void probe(request).then((answer) => process.send!(answer), (error: unknown) => process.send!({ error: String(error) })));
else process.stdout.write(JSON.stringify(await probe(JSON.parse(given) as ProbeRequest)), () => process.exit(0));
