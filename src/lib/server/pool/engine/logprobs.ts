/** Log-probabilities: from raw logits to OpenAI's rows, and each row to the text event that shows its token. Pure. */
import type { TokenLogprob } from '../../../contract/chat.ts';
import type { RawLogits } from './native.ts';
import type { TokenBytes } from './token-bytes.ts';

/** What OpenAI shows for a probability of 0; JSON knows no infinity. */
const impossible = -9999;

type Row = TokenLogprob['top'][number];

/** The chosen token's row with its `top` most likely alternatives. `text`: what the token shows, when it shows anything by itself. */
export function logprobRow(token: number, text: string, raw: RawLogits, top: number, bytesOf: TokenBytes): TokenLogprob {
	const logprobOf = (logit: number) => Math.max(impossible, Math.min(0, logit - raw.highest - Math.log(raw.totalWeight)));
	const row = (bytes: Uint8Array, logit: number): Row => ({ token: Buffer.from(bytes).toString('utf8'), logprob: logprobOf(logit), bytes: [...bytes] });
	const chosen = row(text === '' ? bytesOf(token) : Buffer.from(text, 'utf8'), raw.logits.get(token) ?? -Infinity);
	const likeliest = [...raw.logits].sort((a, b) => b[1] - a[1]).slice(0, top);
	return { ...chosen, top: likeliest.map(([id, logit]) => (id === token ? chosen : row(bytesOf(id), logit))) };
}

/** Rows wait until the text of their token is shown: it may be held back as a part of a character or the beginning of a stop string. */
export type LogprobTrack = {
	/** `length`: characters that this token has added, 0 while they are withheld */
	add(row: TokenLogprob, length: number): void;
	/** The content begins with the last `length` characters added; what was before is none (reasoning). */
	begin(length: number): void;
	/** The rows of the next `length` characters of content. `all`: also that of a token which is shown in part. */
	take(length: number, all: boolean): TokenLogprob[];
};

export function createLogprobTrack(): LogprobTrack {
	let rows: { row: TokenLogprob; start: number; end: number }[] = [];
	let added = 0;
	let shown = 0;
	return {
		add(row, length) {
			rows.push({ row, start: added, end: (added += length) });
		},
		begin(length) {
			shown = added - length;
			rows = rows.filter(({ end }) => end > shown || (end === shown && length === added));
		},
		take(length, all) {
			shown += length;
			const taken = rows.filter(({ start, end }) => end <= shown || (all && start < shown));
			rows = rows.slice(taken.length);
			return taken.map(({ row }) => row);
		}
	};
}
