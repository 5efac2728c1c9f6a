import type { HubFile } from '../../contract/downloads.ts';

/** A file of a repository as its tree lists it. */
export type TreeFile = { path: string; sizeBytes: number; sha256: string | undefined };
/** One model and the files that it consists of, in order. */
export type HubFileParts = HubFile & { parts: number; members: TreeFile[] };

const quantization = /(?:^|[-._])((?:UD-)?(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|F16|F32))$/i;
/** `…-00001-of-00003.gguf` */
const split = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;

/** What a file's name says of how its weights are stored; '' when nothing. */
export const quantizationInName = (path: string): string => quantization.exec(path.replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, ''))?.[1]?.toUpperCase() ?? '';

/** Files that belong to a model and are none: projectors, importance matrices, drafts for speculation. */
const isAccessory = (path: string): boolean => /(^|[-_/.])(mmproj|imatrix)/i.test(path);

/** The models in a repository's files, small ones first. A split one whose parts are not all there is left out. */
export function modelsOfTree(files: TreeFile[]): HubFileParts[] {
	const groups = new Map<string, TreeFile[]>();
	for (const file of files) {
		if (!/\.gguf$/i.test(file.path) || isAccessory(file.path)) continue;
		const [, stem, , count] = split.exec(file.path) ?? [];
		const key = stem === undefined ? file.path : `${stem}/${count}`;
		groups.set(key, [...(groups.get(key) ?? []), file]);
	}
	return [...groups.values()]
		.map((members) => members.sort((a, b) => (a.path < b.path ? -1 : 1)))
		.filter((members) => members.length === Number(split.exec(members[0]!.path)?.[3] ?? 1))
		.map((members) => ({
			file: members[0]!.path,
			parts: members.length,
			sizeBytes: members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
			quantization: quantizationInName(members[0]!.path),
			verifiable: members.every(({ sha256 }) => sha256 !== undefined),
			members
		}))
		.sort((a, b) => a.sizeBytes - b.sizeBytes);
}

/** By how much of the quality they keep for their size; what stands first is what people are advised to take. */
const preferred = ['Q4_K_M', 'Q4_K_S', 'IQ4_XS', 'Q4_0', 'Q5_K_M', 'Q5_K_S', 'Q3_K_M', 'Q3_K_L', 'Q6_K', 'Q8_0', 'Q3_K_S', 'IQ3_M', 'Q2_K', 'MXFP4', 'F16', 'BF16'];
const rank = ({ quantization: own }: HubFile): number => (preferred.includes(own) ? preferred.indexOf(own) : preferred.length);

/** The file to take when nobody says which. */
export const recommendedFile = <T extends HubFile>(files: T[]): T | undefined => [...files].sort((a, b) => rank(a) - rank(b) || a.sizeBytes - b.sizeBytes)[0];
