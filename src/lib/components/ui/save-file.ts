/** How long the file is held: browsers read it after the click, some of them much later. */
const heldMs = 60_000;

/** Hands a file to the browser to keep, as a download. */
export function saveFile(name: string, type: string, parts: string[]): void {
	const url = URL.createObjectURL(new Blob(parts, { type }));
	Object.assign(document.createElement('a'), { href: url, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(url), heldMs);
}
