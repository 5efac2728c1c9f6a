import type temml from 'temml';

/** A longer formula would hold up the page at every new word. */
const maxLength = 5_000;

let renderer = $state.raw<typeof temml>();
let asked = false;

/** Whether formulas can be rendered by now. */
export const hasMath = (): boolean => renderer !== undefined;

/**
 * A formula in TeX as MathML, or null: too long, not understood, or what renders it is still on its way, in which case the reader is
 * told when it came. Read when an answer first needs it.
 */
export function math(tex: string, display: boolean): string | null {
	if (tex.length > maxLength) return null;
	if (renderer) {
		try {
			return renderer.renderToString(tex, { displayMode: display, throwOnError: true, trust: false, maxExpand: 200, maxSize: [20, 20] });
		} catch {
			return null;
		}
	}
	if (!asked) {
		asked = true;
		void import('temml').then((module) => (renderer = module.default), () => (asked = false));
	}
	return null;
}
