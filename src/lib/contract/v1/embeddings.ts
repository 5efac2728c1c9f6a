import { z } from 'zod';

const usage = z.object({ prompt_tokens: z.int(), total_tokens: z.int() });

export const embeddingListSchema = z.object({
	object: z.literal('list'),
	data: z.array(
		z.object({
			object: z.literal('embedding'),
			index: z.int(),
			embedding: z.union([z.array(z.number()), z.string().describe('Little-endian float32 in base64, when `encoding_format` asks for it.')])
		})
	),
	model: z.string(),
	usage
});
export type EmbeddingList = z.infer<typeof embeddingListSchema>;

export const rerankListSchema = z.object({
	object: z.literal('list'),
	model: z.string(),
	results: z.array(z.object({ index: z.int().describe('Of the document in the request.'), relevance_score: z.number(), document: z.object({ text: z.string() }).optional() })),
	usage
});
export type RerankList = z.infer<typeof rerankListSchema>;

export const tokenizedSchema = z.object({ model: z.string(), tokens: z.array(z.int()), count: z.int() });
export const detokenizedSchema = z.object({ model: z.string(), text: z.string() });
