/** Copies text. False: the browser refused. Over plain http on a network the clipboard is closed to pages; the old command still works. */
export async function copyText(text: string): Promise<boolean> {
	if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
	const area = document.createElement('textarea');
	const focused = document.activeElement;
	area.value = text;
	area.style.cssText = 'position:fixed;opacity:0';
	document.body.append(area);
	area.select();
	const done = document.execCommand('copy');
	area.remove();
	if (focused instanceof HTMLElement) focused.focus();
	return done;
}
