import type uPlot from 'uplot';

let loading: Promise<typeof uPlot> | undefined;

/** The library asks Intl for the browser's language as it is evaluated, and a browser without a locale names one that Intl refuses ("en-US@posix"). */
function mendLanguage(): void {
	try {
		Intl.getCanonicalLocales(navigator.language);
	} catch {
		Object.defineProperty(navigator, 'language', { value: document.documentElement.lang, configurable: true });
	}
}

async function load(): Promise<typeof uPlot> {
	mendLanguage();
	const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]);
	return Plot;
}

/** The plotting library with its style, fetched with the first chart that is shown. */
export const loadPlot = (): Promise<typeof uPlot> => (loading ??= load());
