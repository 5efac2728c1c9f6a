import type { EmbeddingList, RerankList } from '../contract/v1/embeddings.ts';

/** A vector as little-endian float32 in base64. */
type Vector = string;

function floatsOf(vector: Vector): number[] {
	const bytes = Uint8Array.from(atob(vector), (letter) => letter.charCodeAt(0));
	const view = new DataView(bytes.buffer);
	return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

/** OpenAI's list of embeddings. Its clients ask for base64 unless told otherwise, and decode whatever comes as that. */
export const embeddingList = ({ model, vectors, tokens }: { model: string; vectors: Vector[]; tokens: number }, format: unknown): EmbeddingList => ({
	object: 'list',
	data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: format === 'base64' ? vector : floatsOf(vector) })),
	model,
	usage: { prompt_tokens: tokens, total_tokens: tokens }
});

/** Jina's and Cohere's list of scores, the most relevant first. */
export const rerankList = ({ model, ranked, tokens }: { model: string; ranked: { index: number; score: number; document?: string }[]; tokens: number }): RerankList => ({
	object: 'list',
	model,
	results: ranked.map(({ index, score, document }) => ({ index, relevance_score: score, ...(document === undefined ? {} : { document: { text: document } }) })),
	usage: { prompt_tokens: tokens, total_tokens: tokens }
});
