import { createHash } from 'node:crypto';

export type FakeRepo = {
	/** `owner/name` */
	id: string;
	license?: string;
	downloads?: number;
	/** its terms must have been accepted: only with a token of the right account */
	gated?: boolean;
	/** path → content */
	files: Record<string, Buffer>;
};

export type KnownFile = { path: string; content: Buffer; sha256: string };
export type KnownRepo = Omit<FakeRepo, 'files'> & { sha: string; files: KnownFile[] };

const hex = (algorithm: 'sha1' | 'sha256', content: Buffer | string): string => createHash(algorithm).update(content).digest('hex');

export const knownRepo = ({ files, ...about }: FakeRepo): KnownRepo => ({
	...about,
	sha: hex('sha1', about.id),
	files: Object.entries(files).map(([path, content]) => ({ path, content, sha256: hex('sha256', content) }))
});

/** As `GET /api/models` lists it, with what `expand[]` asks for. */
export const listedRepo = ({ id, license, downloads = 1, gated }: KnownRepo) => ({
	_id: hex('sha1', id).slice(0, 24), id, likes: 3, downloads, private: false, gated: gated ? 'manual' : false,
	tags: ['gguf', ...(license ? [`license:${license}`] : []), 'region:us'], lastModified: '2025-02-26T22:14:08.000Z', modelId: id
});

/** As `GET /api/models/{repo}` tells of it. */
export const describedRepo = (repo: KnownRepo) => ({
	...listedRepo(repo), author: repo.id.split('/')[0], sha: repo.sha, disabled: false, pipeline_tag: 'text-generation', library_name: 'gguf',
	cardData: repo.license ? { license: repo.license } : {}, siblings: repo.files.map(({ path }) => ({ rfilename: path })), createdAt: '2025-02-01T10:00:00.000Z', usedStorage: 0
});

/** As `GET /api/models/{repo}/tree/{revision}?recursive=true` lists it: large files are LFS pointers whose oid is the SHA-256. */
export function treeOf({ files }: KnownRepo): object[] {
	const folders = [...new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/')).filter(Boolean))];
	return [
		...folders.map((path) => ({ type: 'directory', oid: hex('sha1', path), size: 0, path })),
		...files.map(({ path, content, sha256 }) => ({
			type: 'file', oid: hex('sha1', content), size: content.length, path,
			...(path.endsWith('.gguf') ? { lfs: { oid: sha256, size: content.length, pointerSize: 135 }, xetHash: hex('sha256', sha256) } : {})
		}))
	];
}
