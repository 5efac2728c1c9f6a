export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const stored = (): Theme => {
	try {
		const value = localStorage.getItem('theme');
		return value === 'light' || value === 'dark' ? value : 'system';
	} catch {
		return 'system';
	}
};
const system = typeof matchMedia === 'undefined' ? undefined : matchMedia('(prefers-color-scheme: dark)');

let chosen = $state<Theme>(stored());
let systemDark = $state(system?.matches ?? false);
system?.addEventListener('change', (event) => {
	systemDark = event.matches;
	apply();
});

const isDark = () => chosen === 'dark' || (chosen === 'system' && systemDark);
const apply = () => document.documentElement.classList.toggle('dark', isDark());

/** The theme: app.html applies the same choice before the first paint. */
export const theme = {
	get chosen(): Theme { return chosen; },
	/** what is on the screen */
	get dark(): boolean { return isDark(); },
	use(next: Theme): void {
		chosen = next;
		apply();
		try {
			localStorage.setItem('theme', next);
		} catch {
			// Not remembered; shown all the same.
		}
	}
};
