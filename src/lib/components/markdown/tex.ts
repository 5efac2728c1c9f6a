import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml } from './escape-html.ts';

/** Markup of a formula, or null: it is shown as it was written. */
export type MathRenderer = (tex: string, display: boolean) => string | null;

type Formula = Tokens.Generic & { tex: string; display: boolean };

// Every length is bounded: text full of openings would else be read to its end from each of them.
const block = /^(?:\$\$([\s\S]{1,5000}?)\$\$|\\\[([\s\S]{1,5000}?)\\\])[ \t]*(?:\n|$)/;
const display = /^(?:\$\$([\s\S]{1,1000}?)\$\$|\\\[([\s\S]{1,1000}?)\\\])/;
// A lone $ is mostly money: it opens a formula only before something else than a space, and closes one only after such and not
// before a digit ("from $5 to $10" is none).
const inline = /^(?:\\\(([^\n]{1,1000}?)\\\)|\$(?![\s$])((?:\\[^\n]|[^\n\\$]){1,1000})(?<!\s)\$(?![\d$]))/;
const before = /^[^$\\]{0,2000}(?=[$\\])/;

function formula(type: string, match: RegExpExecArray | null, shownAlone: boolean): Formula | undefined {
	const tex = match?.[1] ?? match?.[2];
	return match && tex?.trim() ? { type, raw: match[0], tex: tex.trim(), display: shownAlone } : undefined;
}

/** TeX between $$, $, \[ \] and \( \), as models write it, in markdown. */
export function texExtensions(math: MathRenderer): TokenizerAndRendererExtension[] {
	const shown = (token: Tokens.Generic): string => {
		const { raw, tex, display: alone } = token as Formula;
		return math(tex, alone) ?? escapeHtml(raw.trim());
	};
	return [
		{
			name: 'formulaBlock',
			level: 'block',
			tokenizer: (source) => formula('formulaBlock', block.exec(source), true),
			renderer: (token) => `<div class="formula" tabindex="0">${shown(token)}</div>`
		},
		{
			name: 'formula',
			level: 'inline',
			start: (source) => before.exec(source)?.[0].length,
			tokenizer: (source) => formula('formula', display.exec(source), true) ?? formula('formula', inline.exec(source), false),
			renderer: shown
		}
	];
}
