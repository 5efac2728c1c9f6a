let shown = $state<'palette' | 'shortcuts' | null>(null);

/** What lies over any page when asked for by a key: the palette of commands, or the sheet of shortcuts. */
export const overlay = {
	get shown(): 'palette' | 'shortcuts' | null { return shown; },
	show(next: 'palette' | 'shortcuts' | null): void { shown = next; }
};
