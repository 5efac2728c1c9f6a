/** What models compute besides answers: vectors, scores, tokens. Registered models alone: upstreams are not asked. */
import { AppError } from '../errors.ts';
import type { Asker } from '../pool/model-spec.ts';
import { findModel } from './catalog.ts';
import type { RegisteredModel } from './registry.ts';
import { pool } from './running.ts';
import { specOf } from './spec.ts';

type Purpose = RegisteredModel['purpose'];
const abilities: Record<Purpose, string> = { generate: 'answers chats', embed: 'makes embeddings', rank: 'ranks documents' };

/** @throws AppError MODEL_NOT_FOUND, UNSUPPORTED_PARAMETER for one of another purpose, or of an upstream */
async function registered(name: string, purpose: Purpose | undefined, signal: AbortSignal): Promise<RegisteredModel> {
	const found = await findModel(name, signal);
	if (!found) throw new AppError('MODEL_NOT_FOUND', `There is no model "${name}"`, { details: 'GET /api/models lists the models there are' });
	if (!found.local) throw new AppError('UNSUPPORTED_PARAMETER', `model is not supported: "${name}" is an upstream's, and only chats are passed on to upstreams`);
	if (purpose && found.local.purpose !== purpose) throw new AppError('UNSUPPORTED_PARAMETER', `model is not supported: "${name}" ${abilities[found.local.purpose]}, this needs one that ${abilities[purpose]}`);
	return found.local;
}

/** A vector of length 1 for each input, as base64 of little-endian float32. `dimensions` must be what the model has. @throws as the pool's `embed` */
export async function embed(name: string, inputs: (string | number[])[], dimensions: number | undefined, asker: Asker, signal: AbortSignal): Promise<{ model: string; vectors: string[]; tokens: number }> {
	const model = await registered(name, 'embed', signal);
	const { vectors, tokens } = await pool().embed(specOf(model), inputs, asker, signal);
	const has = Buffer.from(vectors[0]!, 'base64').length / 4;
	if (dimensions !== undefined && dimensions !== has) throw new AppError('UNSUPPORTED_PARAMETER', `dimensions is not supported by this model other than as ${has}`);
	return { model: model.name, vectors, tokens };
}

/** The `topN` most relevant documents, the most relevant first. @throws as the pool's `rank` */
export async function rerank(name: string, query: string, documents: string[], { topN = documents.length, returnDocuments = false }, asker: Asker, signal: AbortSignal): Promise<{ model: string; ranked: { index: number; score: number; document?: string }[]; tokens: number }> {
	const model = await registered(name, 'rank', signal);
	const { scores, tokens } = await pool().rank(specOf(model), query, documents, asker, signal);
	const ranked = scores.map((score, index) => ({ index, score, ...(returnDocuments ? { document: documents[index]! } : {}) })).sort((a, b) => b.score - a.score);
	return { model: model.name, ranked: ranked.slice(0, topN), tokens };
}

export async function tokenize(name: string, text: string, signal: AbortSignal): Promise<{ model: string; tokens: number[]; count: number }> {
	const model = await registered(name, undefined, signal);
	const tokens = await pool().tokenize(specOf(model), text, signal);
	return { model: model.name, tokens, count: tokens.length };
}

export async function detokenize(name: string, tokens: number[], signal: AbortSignal): Promise<{ model: string; text: string }> {
	const model = await registered(name, undefined, signal);
	return { model: model.name, text: await pool().detokenize(specOf(model), tokens, signal) };
}
