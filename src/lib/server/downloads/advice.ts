import type { FitAdvice, HubAdvice } from '../../contract/downloads.ts';
import { parametersFor } from '../parameters/values.ts';
import { GgufError, readGgufHeaderFrom } from '../pool/engine/gguf.ts';
import { estimateMemory, fitToMemory } from '../pool/memory.ts';
import { shapeOf, type ModelShape } from '../pool/model-shape.ts';
import { AppError } from '../errors.ts';
import { hubFileUrl, listRepo, refusalOf, toldFailure } from './hub.ts';
import { recommendedFile, type HubFileParts } from './hub-files.ts';
import { openUrl, readAll } from './open-url.ts';
import { hostRules, hubToken } from './settings.ts';

/** What a header tells that decides about memory, and the context the model was trained for. */
type Known = { shape: ModelShape; contextLength: number };

const mostHeaderBytes = 64 * 2 ** 20;
const kept = new Map<string, Known>();

/** Reads a file's GGUF header over the network: only the ranges that the header needs. @throws AppError */
async function readRemoteHeader(url: string, sizeBytes: number, signal: AbortSignal): Promise<Known> {
	let buffer = Buffer.alloc(0);
	const read = async (bytes: number): Promise<Buffer> => {
		if (bytes > mostHeaderBytes) throw new GgufError('The header is larger than 64 MB');
		if (bytes > buffer.length) {
			const answer = await openUrl(url, { rules: hostRules(), token: hubToken(), headers: { range: `bytes=${buffer.length}-${bytes - 1}` } }, signal);
			if (answer.status !== 206) {
				answer.close();
				throw answer.status === 200 ? new GgufError('The server does not give parts of a file') : refusalOf(answer, 'file');
			}
			buffer = Buffer.concat([buffer, await readAll(answer, bytes - buffer.length)]);
		}
		return buffer.subarray(0, bytes);
	};
	try {
		const header = await readGgufHeaderFrom({ size: sizeBytes, read }, {}, signal);
		const contextLength = header.metadata[`${String(header.metadata['general.architecture'])}.context_length`];
		return { shape: shapeOf([header]), contextLength: typeof contextLength === 'number' && contextLength > 0 ? contextLength : Infinity };
	} catch (thrown) {
		signal.throwIfAborted();
		throw thrown instanceof GgufError ? new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [thrown.message] }) : toldFailure(thrown);
	}
}

/** Types whose matrices a CPU copies into another order; of the others a file has next to none of them. */
const repacks = (quantization: string): boolean => /^(UD-)?(Q4_0|Q4_K|Q2_K|IQ4_NL)/.test(quantization);

/** Another quantization of the same model: the same layers and vocabulary, another number of bytes for the weights. */
const shapeFor = (file: HubFileParts, read: HubFileParts, shape: ModelShape): ModelShape => ({
	...shape,
	fileBytes: file.sizeBytes,
	repackedBytes: file === read && file.parts === 1 ? shape.repackedBytes : repacks(file.quantization) ? Math.round(file.sizeBytes * 0.9) : 0
});

/** Whether a model of that shape runs in so many bytes. Pure but for the parameters. */
export function adviseFit({ shape, contextLength }: Known, availableBytes: number): FitAdvice {
	const values = parametersFor('');
	const wanted = { contextLength: Math.min(values.contextLength, contextLength), slots: values.parallelSlots, kvCacheType: values.kvCacheType };
	const needsBytes = estimateMemory(shape, wanted).total;
	const fit = fitToMemory(shape, wanted, availableBytes);
	return { verdict: needsBytes <= availableBytes ? 'fits' : fit ? 'tight' : 'tooLarge', needsBytes, availableBytes: Math.max(0, availableBytes), contextLength: wanted.contextLength, opensWith: fit?.options.contextLength ?? null };
}

/**
 * Which of a repository's files run on this machine. One header is read over the network, that of the file to take when in doubt: the
 * others are the same model in another number of bytes, and a header with a large vocabulary has ten megabytes.
 * @throws AppError
 */
export async function adviseOnRepo(repo: string, availableBytes: number, signal: AbortSignal): Promise<HubAdvice> {
	const { revision, files } = await listRepo(repo, signal);
	const read = recommendedFile(files);
	if (!read) return { advice: {}, recommended: null };
	const key = `${repo}@${revision}:${read.file}`;
	const known = kept.get(key) ?? (await readRemoteHeader(hubFileUrl(repo, revision, read.file), read.members[0]!.sizeBytes, signal));
	if (kept.size > 200) kept.clear();
	kept.set(key, known);
	const advice = Object.fromEntries(files.map((file) => [file.file, adviseFit({ ...known, shape: shapeFor(file, read, known.shape) }, availableBytes)]));
	const among = (verdict: FitAdvice['verdict']) => recommendedFile(files.filter(({ file }) => advice[file]!.verdict === verdict));
	return { advice, recommended: (among('fits') ?? among('tight'))?.file ?? null };
}
