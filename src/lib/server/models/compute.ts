/** What models compute besides answers: vectors, scores, tokens. Upstreams are asked for vectors alone. */
import { AppError } from '../errors.ts';
import { parametersFor } from '../parameters/values.ts';
import type { Asker } from '../pool/model-spec.ts';
import { embedBalanced } from '../upstream/balance.ts';
import { findModel, type FoundModel } from './catalog.ts';
import type { RegisteredModel } from './registry.ts';
import { pool } from './running.ts';
import { specOf } from './spec.ts';

type Purpose = RegisteredModel['purpose'];
const abilities: Record<Purpose, string> = { generate: 'answers chats', embed: 'makes embeddings', rank: 'ranks documents' };

/** @throws AppError MODEL_NOT_FOUND */
async function found(name: string, signal: AbortSignal): Promise<FoundModel> {
	const model = await findModel(name, signal);
	if (!model) throw new AppError('MODEL_NOT_FOUND', `There is no model "${name}"`, { details: 'GET /api/models lists the models there are' });
	return model;
}

/** @throws AppError UNSUPPORTED_PARAMETER for one of another purpose, or of an upstream */
function local(name: string, model: FoundModel, purpose: Purpose | undefined): RegisteredModel {
	if (!model.local) throw new AppError('UNSUPPORTED_PARAMETER', `model is not supported: "${name}" is an upstream's, and only chats and embeddings are passed on to upstreams`);
	if (purpose && model.local.purpose !== purpose) throw new AppError('UNSUPPORTED_PARAMETER', `model is not supported: "${name}" ${abilities[model.local.purpose]}, this needs one that ${abilities[purpose]}`);
	return model.local;
}

const registered = async (name: string, purpose: Purpose | undefined, signal: AbortSignal): Promise<RegisteredModel> => local(name, await found(name, signal), purpose);

/** Vectors of whatever has the model. */
async function vectorsOf(name: string, inputs: (string | number[])[], asker: Asker, signal: AbortSignal): Promise<{ model: string; vectors: string[]; tokens: number }> {
	const model = await found(name, signal);
	if (!model.offer) return { model: model.local.name, ...(await pool().embed(specOf(local(name, model, 'embed')), inputs, asker, signal)) };
	return { model: model.offer.name, ...(await embedBalanced(model.offer.candidates, inputs, { firstEventMs: parametersFor('').loadTimeout * 1000 }, signal)) };
}

/** A vector for each input, as base64 of little-endian float32; a local model's have length 1. `dimensions` must be what the model has. @throws as the pool's `embed`, and an upstream's failures */
export async function embed(name: string, inputs: (string | number[])[], dimensions: number | undefined, asker: Asker, signal: AbortSignal): Promise<{ model: string; vectors: string[]; tokens: number }> {
	const embedded = await vectorsOf(name, inputs, asker, signal);
	const has = Buffer.from(embedded.vectors[0]!, 'base64').length / 4;
	if (dimensions !== undefined && dimensions !== has) throw new AppError('UNSUPPORTED_PARAMETER', `dimensions is not supported by this model other than as ${has}`);
	return embedded;
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
