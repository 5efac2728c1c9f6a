/** A text file that goes with a message. */
export type AttachedFile = { name: string; text: string };

/** Bytes of one file, and of all files of a message: about 60,000 and 120,000 tokens, more than most contexts hold. */
export const maxFileBytes = 256 * 1024;
export const maxFilesBytes = 512 * 1024;

const fenceFor = (text: string): string => '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
const languageOf = (name: string): string => /\.(\w{1,12})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** A message with its files before it, each as fenced text under its name: what a model reads. */
export function withFiles(text: string, files: AttachedFile[]): string {
	const blocks = files.map(({ name, text }) => {
		const fence = fenceFor(text);
		return `File ${name}:\n${fence}${languageOf(name)}\n${text}\n${fence}\n\n`;
	});
	return blocks.join('') + text;
}

const oneFile = /^File ([^\n]+):\n(`{3,})\w*\n([\s\S]*?)\n\2\n\n/;

/** A message taken apart again, as {@link withFiles} wrote it. */
export function withoutFiles(message: string): { files: AttachedFile[]; text: string } {
	const files: AttachedFile[] = [];
	let text = message;
	for (let match = oneFile.exec(text); match; match = oneFile.exec(text)) {
		files.push({ name: match[1]!, text: match[3]! });
		text = text.slice(match[0].length);
	}
	return { files, text };
}

/** A file's text, or null when it is none: not UTF-8, or with characters that no text has. */
export async function textOf(file: Blob): Promise<string | null> {
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
		return text.includes('\0') ? null : text.replace(/\r\n?/g, '\n');
	} catch {
		return null;
	}
}
