import DOMPurify from 'dompurify';
import { Marked, type Tokens } from 'marked';
import { escapeHtml } from './escape-html.ts';
import { texExtensions, type MathRenderer } from './tex.ts';

/** The words and the renderers that the markup needs; all may change while an answer is shown. */
export type RenderContext = { copy: string; highlight: (code: string, language: string) => string | null; math: MathRenderer };

const webLink = /^(https?:|mailto:)/i;

/** A link to the web; anything else (javascript:, data:, a path of this server) stays text. `inner` is markup, already escaped. */
const link = (href: string, inner: string): string =>
	webLink.test(href) ? `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer">${inner}</a>` : inner;

function codeBlock({ text, lang }: Tokens.Code, context: RenderContext): string {
	const language = (lang ?? '').match(/^[\w+#.-]+/)?.[0] ?? '';
	const inner = context.highlight(text, language.toLowerCase()) ?? escapeHtml(text);
	return `<div class="code"><div class="code-head"><span>${escapeHtml(language)}</span><button type="button" data-copy>${escapeHtml(context.copy)}</button></div><pre tabindex="0"><code>${inner}</code></pre></div>`;
}

/** What Temml's MathML is made of. No links, and no styles: neither colours nor sizes that cover the page. */
const mathTags = ['math', 'mrow', 'mi', 'mo', 'mn', 'ms', 'mtext', 'mspace', 'msup', 'msub', 'msubsup', 'mfrac', 'msqrt', 'mroot', 'munder', 'mover', 'munderover', 'mtable', 'mtr', 'mtd', 'mstyle', 'mpadded', 'mphantom'];
const mathAttributes = ['display', 'form', 'largeop', 'symmetric', 'width', 'mathvariant', 'stretchy', 'fence', 'separator', 'accent', 'accentunder', 'columnalign', 'columnspacing', 'columnlines', 'rowspacing', 'rowlines', 'displaystyle', 'scriptlevel', 'minsize', 'maxsize', 'linethickness', 'lspace', 'rspace', 'movablelimits'];

/** What a model may make the page show. No images (they would tell a stranger's server who reads), no forms, styles, ids or scripts. */
const allowed = {
	ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'div', 'span', 'button', ...mathTags],
	ALLOWED_ATTR: ['href', 'target', 'rel', 'class', 'start', 'align', 'type', 'tabindex', 'data-copy', ...mathAttributes],
	ALLOW_DATA_ATTR: false,
	ALLOW_ARIA_ATTR: false,
	ALLOWED_URI_REGEXP: webLink,
	// Not addresses: DOMPurify holds every other attribute to the pattern above.
	ADD_URI_SAFE_ATTR: ['target', 'rel', 'start', 'align', 'type', 'tabindex', ...mathAttributes]
};

/**
 * A model's markdown as one piece of safe markup for each top-level block, in order: while an answer grows, only its last block changes.
 * Raw HTML is shown as the text it is; images become links.
 * @param known markup of blocks by their source, of a call with the same context: taken from there, and written there
 */
export function renderBlocks(text: string, context: RenderContext, known = new Map<string, string>()): string[] {
	const marked = new Marked({
		gfm: true,
		breaks: true,
		extensions: texExtensions(context.math),
		renderer: {
			html: ({ raw }) => escapeHtml(raw),
			image: ({ href, text: alt }) => link(href, escapeHtml(alt || href)),
			link({ href, tokens }) { return link(href, this.parser.parseInline(tokens)); },
			checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
			code: (token) => codeBlock(token, context),
			table(token) {
				const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') =>
					`<tr>${cells.map((cell) => `<${tag}${cell.align ? ` align="${cell.align}"` : ''}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
				return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`;
			}
		}
	});
	const tokens = marked.lexer(text);
	const targets = JSON.stringify(tokens.links); // what [a][1] means stands further down
	return tokens
		.filter((token) => token.type !== 'space' && token.type !== 'def')
		.map((token) => {
			const key = targets + token.raw;
			const markup = known.get(key) ?? marked.parser([token]);
			known.set(key, markup);
			return markup;
		});
}

/** Markup made safe, the second wall behind the renderer's own escaping. */
export const sanitize = (markup: string): string => DOMPurify.sanitize(markup, allowed);
