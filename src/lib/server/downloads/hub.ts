import type { HubFiles, HubModel } from '../../contract/downloads.ts';
import { AppError } from '../errors.ts';
import { modelsOfTree, type HubFileParts, type TreeFile } from './hub-files.ts';
import { Interrupted, openUrl, readAll, type Answer } from './open-url.ts';
import { hostRules, hubToken } from './settings.ts';

/** https://huggingface.co/docs/hub/api: `/api/models`, `/api/models/{repo}`, `/api/models/{repo}/tree/{revision}`, `/{repo}/resolve/{revision}/{path}`. */
const longest = { json: 16 * 2 ** 20, treePages: 20, results: 30 };

type Row = Record<string, unknown>;
const rowOf = (value: unknown): Row => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {});
const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? value.map(rowOf) : []);
const countOf = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const retryAfterMs = (headers: Answer['headers']): number | undefined => {
	const seconds = Number(headers['retry-after']);
	return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : undefined;
};

/**
 * What an answer other than success means, in words that say what to do. `what` is a repository or a host.
 * Interrupted: worth another attempt.
 */
export function refusalOf({ status, headers, url, direct }: Answer, what: string): AppError | Interrupted {
	const code = String(headers['x-error-code'] ?? '');
	const terms = `Accept its terms on its page on the hub, then set an access token of that account in the settings of "Get models".`;
	if (!direct && (status === 403 || status === 401)) return new Interrupted(`${url.host} refused the link that the hub gave (${status})`); // such links expire
	if (code === 'GatedRepo') return new AppError('FORBIDDEN', `${what} is gated. ${terms}`);
	if (status === 401) return new AppError('FORBIDDEN', `${what} does not exist, or is private, or the access token is wrong. Check the name, and the token in the settings of "Get models".`);
	if (status === 403) return new AppError('FORBIDDEN', `${url.host} does not allow access to ${what}. ${terms}`);
	if (status === 404 || status === 410) return new AppError('NOT_FOUND', `${url.host} has no ${what}. Check the name.`);
	if (status === 429) return new Interrupted(`${url.host} asks to wait: too many requests. An access token raises the limit.`, retryAfterMs(headers) ?? 10_000);
	if (status >= 500 || status === 408) return new Interrupted(`${url.host} answers ${status}`, retryAfterMs(headers));
	return new AppError('UPSTREAM_UNAVAILABLE', `${url.host} answers ${status} where ${what} was due`);
}

/** Network failures as the client is told of them; a download tries again instead. */
export function toldFailure(thrown: unknown): unknown {
	if (!(thrown instanceof Interrupted)) return thrown;
	const seconds = thrown.retryAfterMs === undefined ? undefined : Math.ceil(thrown.retryAfterMs / 1000);
	return seconds && /too many/.test(thrown.message)
		? new AppError('RATE_LIMITED', thrown.message, { retryAfterSeconds: seconds, cause: thrown })
		: new AppError('UPSTREAM_UNAVAILABLE', `${thrown.message}. Check the network of the server, or HF_ENDPOINT.`, { cause: thrown });
}

async function getJson(url: string, what: string, signal: AbortSignal): Promise<{ value: unknown; next: string | undefined }> {
	try {
		const answer = await openUrl(url, { rules: hostRules(), token: hubToken(), headers: { accept: 'application/json' } }, signal);
		if (answer.status !== 200) {
			answer.close();
			throw refusalOf(answer, what);
		}
		const text = (await readAll(answer, longest.json)).toString('utf8');
		const next = /<([^>]+)>;\s*rel="next"/.exec(String(answer.headers.link ?? ''))?.[1];
		try {
			return { value: JSON.parse(text), next: next && new URL(next, answer.url).href };
		} catch {
			throw new AppError('UPSTREAM_UNAVAILABLE', `${answer.url.host} does not answer as the hub does: its answer is no JSON. Check HF_ENDPOINT.`);
		}
	} catch (thrown) {
		throw toldFailure(thrown);
	}
}

const hub = (): string => hostRules().hub;
const licenseOf = (row: Row): string | null => {
	const tag = Array.isArray(row.tags) ? (row.tags as unknown[]).find((one): one is string => typeof one === 'string' && one.startsWith('license:')) : undefined;
	return textOf(rowOf(row.cardData).license) ?? tag?.slice('license:'.length) ?? null;
};
const isGated = ({ gated }: Row): boolean => gated !== false && gated !== undefined && gated !== null;

/** Repositories with GGUF files by the words, the most downloaded first. @throws AppError */
export async function searchHub(text: string, signal: AbortSignal): Promise<HubModel[]> {
	const query = new URLSearchParams({ search: text, filter: 'gguf', sort: 'downloads', direction: '-1', limit: String(longest.results) });
	for (const member of ['downloads', 'likes', 'gated', 'tags', 'lastModified']) query.append('expand[]', member);
	const { value } = await getJson(`${hub()}/api/models?${query}`, 'list of models', signal);
	return rowsOf(value).flatMap((row) => {
		const repo = textOf(row.id) ?? textOf(row.modelId);
		const at = new Date(textOf(row.lastModified) ?? NaN);
		return repo ? [{ repo, downloads: countOf(row.downloads), likes: countOf(row.likes), license: licenseOf(row), gated: isGated(row), updatedAt: Number.isNaN(at.getTime()) ? null : at }] : [];
	}).slice(0, longest.results);
}

/** A repository's models with the files they consist of, at the commit that is the newest now. @throws AppError */
export async function listRepo(repo: string, signal: AbortSignal): Promise<Omit<HubFiles, 'files'> & { files: HubFileParts[] }> {
	const { value } = await getJson(`${hub()}/api/models/${repo}`, `repository ${repo}`, signal);
	const about = rowOf(value);
	const revision = textOf(about.sha) ?? 'main';
	const tree: TreeFile[] = [];
	let page: string | undefined = `${hub()}/api/models/${repo}/tree/${encodeURIComponent(revision)}?recursive=true`;
	for (let pages = 0; page && pages < longest.treePages; pages++) {
		const { value: rows, next } = await getJson(page, `repository ${repo}`, signal);
		for (const row of rowsOf(rows)) {
			const [path, lfs] = [textOf(row.path), rowOf(row.lfs)];
			if (row.type !== 'file' || !path) continue;
			const oid = textOf(lfs.oid)?.replace(/^sha256:/, '');
			tree.push({ path, sizeBytes: countOf(lfs.size ?? row.size), sha256: oid && /^[0-9a-f]{64}$/.test(oid) ? oid : undefined });
		}
		page = next;
	}
	return { repo, revision, license: licenseOf(about), gated: isGated(about), files: modelsOfTree(tree) };
}

/** Where a file of a repository is to be had. */
export const hubFileUrl = (repo: string, revision: string, path: string): string => `${hub()}/${repo}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`;
