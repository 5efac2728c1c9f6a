import { toast } from 'svelte-sonner';
import { formatBytes } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';
import { maxFileBytes, maxFilesBytes, textOf, type AttachedFile } from './attached-files.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** The files there are, and those of `chosen` that can go with a message; a toast says of each other one why not. */
export async function attached(files: AttachedFile[], chosen: Iterable<File>): Promise<AttachedFile[]> {
	const result = [...files];
	let total = files.reduce((sum, { text }) => sum + bytesOf(text), 0);
	for (const file of chosen) {
		if (file.size > maxFileBytes || total + file.size > maxFilesBytes) {
			toast.error(t('files.tooLarge', { name: file.name, each: formatBytes(maxFileBytes), all: formatBytes(maxFilesBytes) }));
			continue;
		}
		const text = await textOf(file);
		if (text === null) toast.error(t('files.notText', { name: file.name }));
		else {
			total += file.size;
			result.push({ name: file.name, text });
		}
	}
	return result;
}
