import { z } from 'zod';

/** Input limits that protect the server; a request beyond one is a 400 that names the field. */
const limits = { inputs: 2048, characters: 1_000_000, documents: 2048 } as const;

const model = z.string({ error: 'model must be a string' }).min(1, 'model must not be empty').max(512, 'model must be at most 512 characters');
const text = z.string().min(1, 'must not be empty').max(limits.characters);
const token = z.int().min(0).max(2 ** 31 - 1);
const tokens = z.array(token).min(1, 'must not be empty').max(limits.characters);

/** `POST /v1/embeddings`, OpenAI's. Output: its inputs as a list. */
export const embeddingsRequestSchema = z
	.looseObject({
		model,
		input: z.union([text, tokens, z.array(text).min(1).max(limits.inputs), z.array(tokens).min(1).max(limits.inputs)], { error: 'input must be a text, texts, tokens or lists of tokens, none of them empty' }),
		encoding_format: z.enum(['float', 'base64'], { error: 'encoding_format must be float or base64' }).nullish(),
		dimensions: z.int({ error: 'dimensions must be a whole number' }).nullish()
	})
	.transform(({ model, input, dimensions }) => ({
		model,
		inputs: typeof input === 'string' || typeof input[0] === 'number' ? [input as string | number[]] : (input as (string | number[])[]),
		dimensions: dimensions ?? undefined
	}));

/** `POST /v1/rerank`, as Jina and Cohere have it. */
export const rerankRequestSchema = z
	.looseObject({
		model,
		query: text,
		documents: z.array(z.union([text, z.looseObject({ text })]), { error: 'documents must be a list of texts' }).min(1, 'documents must not be empty').max(limits.documents),
		top_n: z.int({ error: 'top_n must be a whole number of at least 1' }).min(1).nullish(),
		return_documents: z.boolean().nullish()
	})
	.transform(({ model, query, documents, top_n, return_documents }) => ({
		model,
		query,
		documents: documents.map((document) => (typeof document === 'string' ? document : document.text)),
		topN: top_n ?? undefined,
		returnDocuments: return_documents === true
	}));

/** `POST /v1/tokenize`; `content` as llama-server calls it, `prompt` as vLLM. */
export const tokenizeRequestSchema = z
	.looseObject({ model, input: z.string().max(limits.characters).optional(), content: z.string().max(limits.characters).optional(), prompt: z.string().max(limits.characters).optional() })
	.transform(({ model, input, content, prompt }) => ({ model, text: input ?? content ?? prompt ?? '' }));

export const detokenizeRequestSchema = z.looseObject({ model, tokens: z.array(token, { error: 'tokens must be a list of token ids' }).max(limits.characters) });
