import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { join } from 'node:path/posix';
import type { NewDownload } from '../../contract/downloads.ts';
import { AppError } from '../errors.ts';
import { earlierDownload, queueChanged, requireRoomFor, resumeDownload } from './downloads.ts';
import { requireAllowedUrl } from './hosts.ts';
import { hubFileUrl, listRepo } from './hub.ts';
import { recommendedFile } from './hub-files.ts';
import { insertDownload, type DownloadFile } from './rows.ts';
import { hostRules } from './settings.ts';

const wrong = (sentence: string) => new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [sentence] });

/** The last part of a path as the name of a file here: a name that others chose must not lead anywhere. @throws AppError VALIDATION_ERROR */
function safeName(path: string): string {
	const name = basename(path.replaceAll('\\', '/'));
	if (!/\.gguf$/i.test(name) || name.startsWith('.') || name.length > 200 || /[\u0000-\u001f\u007f<>:"|?*]/.test(name)) throw wrong(`${JSON.stringify(name.slice(0, 80))} can't be the name of a model's file: it must end with .gguf`);
	return name;
}

type Plan = { source: string; file: string; folder: string; files: DownloadFile[] };

async function planFromHub(repo: string, { file, quantization }: { file?: string | undefined; quantization?: string | undefined }, signal: AbortSignal): Promise<Plan> {
	const { revision, files } = await listRepo(repo, signal);
	if (files.length === 0) throw new AppError('NOT_FOUND', `${repo} has no GGUF files. Look for a repository whose name ends in GGUF.`);
	const asked = quantization?.toUpperCase();
	const chosen = file !== undefined ? files.find((one) => one.file === file) : recommendedFile(asked ? files.filter((one) => one.quantization === asked || one.quantization === `UD-${asked}`) : files);
	if (!chosen) {
		const there = [...new Set(files.map((one) => (file === undefined ? one.quantization : one.file)).filter(Boolean))].slice(0, 30).join(', ');
		throw new AppError('NOT_FOUND', `${repo} has no ${file ?? asked}. There are: ${there}`);
	}
	return {
		source: repo,
		file: safeName(chosen.file),
		folder: repo,
		files: chosen.members.map(({ path, sizeBytes, sha256 }) => ({ name: safeName(path), url: hubFileUrl(repo, revision, path), sizeBytes, sha256: sha256 ?? null }))
	};
}

function planFromUrl(given: string, sha256: string | undefined): Plan {
	const url = new URL(given);
	requireAllowedUrl(url, hostRules());
	const name = safeName(decodeURIComponent(url.pathname));
	if (/-\d{5}-of-\d{5}\.gguf$/i.test(name)) throw wrong('A split model can only be downloaded from the hub, where all of its parts are known');
	return { source: url.host, file: name, folder: url.host.replace(/[^\w.-]/g, '_'), files: [{ name, url: url.href, sizeBytes: null, sha256: sha256 ?? null }] };
}

/**
 * Puts a model into the queue, once there is room for it on the disk. One that is under way stays as it is; one that was paused or
 * failed goes on.
 * @returns its id
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT, UPSTREAM_UNAVAILABLE, RATE_LIMITED, VALIDATION_ERROR
 */
export async function startDownload(asked: NewDownload, signal: AbortSignal): Promise<string> {
	const { source, file, folder, files } = 'repo' in asked ? await planFromHub(asked.repo, asked, signal) : planFromUrl(asked.url, asked.sha256);
	const goOn = async (earlier: { id: string }): Promise<string> => {
		await resumeDownload(earlier.id);
		return earlier.id;
	};
	const earlier = earlierDownload(source, file, folder);
	if (earlier) return goOn(earlier);
	const sizes = files.map(({ sizeBytes }) => sizeBytes);
	const totalBytes = sizes.includes(null) ? null : (sizes as number[]).reduce((sum, size) => sum + size, 0);
	await requireRoomFor(totalBytes ?? 0, file);
	const meanwhile = earlierDownload(source, file, folder); // two clicks
	if (meanwhile) return goOn(meanwhile);
	const [id, now] = [randomUUID(), new Date()];
	insertDownload({ id, source, file, state: 'queued', totalBytes, sha256: files[0]!.sha256, error: null, details: { files, folder: join(folder) }, createdAt: now, updatedAt: now });
	queueChanged();
	return id;
}
