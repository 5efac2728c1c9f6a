import { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/** Of the models folder: where files lie until they are whole and checked. Nothing in it is a model yet. */
export const stagingFolder = '.downloads';

const repo = z
	.string({ error: 'repo is required' })
	.trim()
	.regex(/^[\w.-]{1,96}\/[\w.-]{1,96}$/, 'repo must be owner/name, as the hub writes it')
	.refine((text) => !text.split('/').some((part) => /^\.+$/.test(part)), 'repo must be owner/name, as the hub writes it');
const file = z.string().min(1).max(1000, 'file must be at most 1000 characters');
const quantization = z.string().trim().regex(/^\w{1,32}$/, 'quantization must be like Q4_K_M');
const url = z.string().trim().max(2048, 'url must be at most 2048 characters').refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'url must begin with https://');
const sha256 = z.string().trim().toLowerCase().regex(/^[0-9a-f]{64}$/, 'sha256 must be 64 hexadecimal digits');

export const repoSchema = z.object({ repo });
export const hubSearchSchema = z.object({ text: z.string().trim().max(200, 'text must be at most 200 characters') });
export const newDownloadSchema = z.union(
	[z.strictObject({ repo, file: file.optional(), quantization: quantization.optional() }), z.strictObject({ url, sha256: sha256.optional() })],
	{ error: 'give {repo, file?} or {repo, quantization?} of the hub, or {url, sha256?}' }
);
export type NewDownload = z.infer<typeof newDownloadSchema>;

const host = z.string().trim().toLowerCase().regex(/^(\*\.)?([a-z0-9]([a-z0-9-]{0,62})\.)+[a-z0-9-]{2,63}(:\d{1,5})?$/, 'a host must be like example.org, *.example.org or example.org:8443');
/** An absent member stays as it is; a token of null or '' is removed. */
export const downloadSettingsSchema = z.strictObject({
	token: z.string().trim().max(500, 'token must be at most 500 characters').regex(/^[\x21-\x7e]*$/, 'token must be printable ASCII without spaces').nullable().optional(),
	allowedHosts: z.array(host).max(50, 'allowedHosts must be at most 50').optional()
});
export type DownloadSettingsChange = z.infer<typeof downloadSettingsSchema>;

export type DownloadSettings = {
	/** where the hub is */
	endpoint: string;
	/** `set`: kept here, encrypted; `environment`: HF_TOKEN */
	token: 'none' | 'set' | 'environment';
	/** hosts that an administrator allows, beside the hub's own */
	allowedHosts: string[];
	/** hosts that the machine's operator allows (DOWNLOAD_HOSTS) */
	operatorHosts: string[];
};

/** A repository of the hub that has GGUF files. */
export type HubModel = { repo: string; downloads: number; likes: number; license: string | null; /** its terms must be accepted on the hub first */ gated: boolean; updatedAt: Date | null };

/** One model of a repository: a file, or all parts of a split one. */
export type HubFile = {
	/** path in the repository, of the first part */
	file: string;
	parts: number;
	/** of all parts */
	sizeBytes: number;
	/** '' when its name does not say */
	quantization: string;
	/** whether the hub tells a checksum */
	verifiable: boolean;
};

/**
 * Whether a file would run here. `fits`: as the parameters say; `tight`: with a shorter context or fewer slots, or less memory left than is
 * kept back for others; `tooLarge`: not at all.
 */
export type FitAdvice = {
	verdict: 'fits' | 'tight' | 'tooLarge';
	/** bytes of memory it would take as the parameters say */
	needsBytes: number;
	/** bytes that models can have on this machine */
	availableBytes: number;
	/** tokens: what the parameters ask for, and what it would open with (null when too large) */
	contextLength: number;
	opensWith: number | null;
};

export type HubFiles = { repo: string; /** the commit that the files belong to */ revision: string; license: string | null; gated: boolean; files: HubFile[] };
export type HubAdvice = { advice: Record<string, FitAdvice>; /** the file to take when in doubt; null: none fits */ recommended: string | null };

export type DownloadState = 'queued' | 'running' | 'paused' | 'done' | 'failed';

export type ListedDownload = {
	id: string;
	/** `owner/name` of the hub, or the URL's host */
	source: string;
	/** the first part's name */
	file: string;
	parts: number;
	state: DownloadState;
	/** what a running one does: files are checked and put in place at the end */
	doing: 'transfer' | 'check' | 'wait' | null;
	receivedBytes: number;
	/** null until the other side has told */
	totalBytes: number | null;
	bytesPerSecond: number | null;
	secondsLeft: number | null;
	/** whether a checksum is known to compare with */
	verifiable: boolean;
	/** why it failed, or what it waits for */
	error: { code: ErrorCode; message: string } | null;
	/** what it is registered as, once done */
	model: string | null;
	createdAt: Date;
};
