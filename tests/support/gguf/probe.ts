/**
 * What llama.cpp makes of a model file, seen from a process of its own: `node probe.ts '{"path": …, …}'` prints JSON.
 * For the tests of the models themselves; the program's engine is not in it.
 */
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

export type ProbeRequest = {
	path: string;
	/** tokenize, with control tokens understood, and give the text back */
	tokenize?: string;
	/** continue this, control tokens understood */
	prompt?: string;
	/** of the answer; default: 64 */
	maxTokens?: number;
	temperature?: number;
	embed?: string[];
	rank?: { query: string; documents: string[] };
};

export type ProbeAnswer = {
	tokens?: number[];
	roundTrip?: string;
	text?: string;
	generated?: number[];
	/** the model ended the answer itself */
	ended?: boolean;
	embeddings?: number[][];
	ranks?: number[];
};

async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
	const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: LlamaLogLevel.error });
	const model = await llama.loadModel({ modelPath: request.path, gpuLayers: 0 });
	const answer: ProbeAnswer = {};
	if (request.tokenize !== undefined) {
		const tokens = model.tokenize(request.tokenize, true);
		answer.tokens = tokens;
		answer.roundTrip = model.detokenize(tokens, true);
	}
	if (request.prompt !== undefined) {
		const context = await model.createContext({ contextSize: 512, sequences: 1, threads: 1 });
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
	await llama.dispose();
	return answer;
}

console.log(JSON.stringify(await probe(JSON.parse(process.argv[2]!) as ProbeRequest)));
