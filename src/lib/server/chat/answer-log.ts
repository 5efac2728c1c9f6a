import type { ChatEvent } from '../../contract/chat.ts';

type Row = { event: ChatEvent; /** position after it */ end: number };

/** Where a follower stands. */
export type Cursor = { position: number; row: number };

/** Characters after which a joined row is closed and the next one begun. */
const rowLength = 4096;

const isText = (event: ChatEvent) => event.type === 'text' || event.type === 'reasoning';
const lengthOf = (event: ChatEvent) => (event.type === 'text' || event.type === 'reasoning' ? event.text.length : 1);

/** The two as one, or undefined when they must stay apart. Of two states of one kind of waiting only the later one counts. */
function join(last: ChatEvent, next: ChatEvent): ChatEvent | undefined {
	if (last.type === 'progress' && next.type === 'progress') return last.phase === next.phase ? next : undefined;
	if (!isText(last) || last.type !== next.type || last.choice !== next.choice || 'logprobs' in last || 'logprobs' in next) return undefined;
	return last.text.length < rowLength ? { ...last, text: last.text + next.text } : undefined;
}

/**
 * What an answer has told so far, for followers that are late, slow or come back. Positions count a character of text
 * as one and any other event as one, so that neighbours can be joined without moving anything: memory grows with the
 * text and not with its tokens, and who reads slowly gets longer pieces.
 */
export class AnswerLog {
	#rows: Row[] = [];

	get end(): number {
		return this.#rows.at(-1)?.end ?? 0;
	}

	push(event: ChatEvent): void {
		const last = this.#rows.at(-1);
		const joined = last && join(last.event, event);
		const end = this.end + lengthOf(event);
		if (joined) Object.assign(last, { event: joined, end });
		else this.#rows.push({ event, end });
	}

	/** A cursor that stands behind what has this id; 0 = the start. */
	from(id: number): Cursor {
		const row = this.#rows.findIndex(({ end }) => end > id);
		return { position: id, row: row < 0 ? Math.max(0, this.#rows.length - 1) : row };
	}

	/** What comes next, moving the cursor behind it; undefined when nothing has come yet. The id is the position after it. */
	next(cursor: Cursor): { id: number; event: ChatEvent } | undefined {
		// The last row may still grow, so it is left only for one behind it.
		while (cursor.row + 1 < this.#rows.length && this.#rows[cursor.row]!.end <= cursor.position) cursor.row++;
		const row = this.#rows[cursor.row];
		if (!row || row.end <= cursor.position) return undefined;
		const told = lengthOf(row.event) - (row.end - cursor.position);
		cursor.position = row.end;
		const { event } = row;
		if (told > 0 && (event.type === 'text' || event.type === 'reasoning')) return { id: row.end, event: { ...event, text: event.text.slice(told) } };
		return { id: row.end, event };
	}
}
