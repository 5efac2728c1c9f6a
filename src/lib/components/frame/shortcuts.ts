import type { PlainKey } from '#lib/i18n/index.ts';

/** The letter after `g` that goes to a page. */
export const pageLetters: Record<string, string> = {
	'/chat': 'c', '/dashboard': 'd', '/models': 'm', '/monitoring': 'o', '/logs': 'l', '/parameters': 'p', '/connect': 'n', '/settings': 's', '/users': 'u', '/audit': 'a'
};

const command = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
export const paletteKeys = [command, 'K'];

/** The help sheet, but for the pages. */
export const shortcuts: { keys: string[]; label: PlainKey }[] = [
	{ keys: paletteKeys, label: 'palette.title' },
	{ keys: ['?'], label: 'shortcuts.title' },
	{ keys: [command, 'Shift', 'O'], label: 'chat.new' },
	{ keys: ['/'], label: 'shortcuts.message' },
	{ keys: ['Enter'], label: 'shortcuts.send' },
	{ keys: ['Shift', 'Enter'], label: 'shortcuts.line' },
	{ keys: ['Esc'], label: 'shortcuts.stop' }
];

/** Whether a key pressed there is text, or another's: a field, a menu, a dialog. */
export const isTaken = (target: EventTarget | null): boolean => target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]') !== null;
