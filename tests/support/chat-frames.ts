/** What a chat's streams come to, for assertions: the frames as they lie on the wire. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

export type Chunk = {
	id: string; object: string; created: number; model: string;
	choices: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
	usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
	conversationId?: string;
	error?: { message: string; code: string; details: string; status?: number };
};

/** Every event and comment of an SSE response, as raw blocks without their blank line. `onBlock` sees each as it comes. */
export async function sseBlocks(response: Response, onBlock: (block: string) => void = () => {}): Promise<string[]> {
	const blocks: string[] = [];
	let text = '';
	for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
		text += piece;
		for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
			blocks.push(text.slice(0, at));
			text = text.slice(at + 2);
			onBlock(blocks.at(-1)!);
		}
	}
	if (text !== '') throw new Error(`the stream ends within a block: ${text}`);
	return blocks;
}

/** The data of the blocks that are no comments. */
export const dataOf = (blocks: string[]): string[] => blocks.filter((block) => block.startsWith('data: ')).map((block) => block.slice(6));
export const chunksOf = (data: string[]): Chunk[] => data.filter((one) => one !== '[DONE]').map((one) => JSON.parse(one) as Chunk);
export const textOf = (chunks: Chunk[]): string => chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join('');

export type ChatSocket = {
	socket: WebSocket;
	send: (request: unknown) => void;
	/** the next frame */
	next: () => Promise<string>;
	/** frames up to and with the next `[DONE]` */
	answer: () => Promise<string[]>;
};

/** An open `/api/chat` WebSocket. @throws the refusal's status when it is refused */
export async function openChatSocket(url: string, headers: Record<string, string>): Promise<ChatSocket> {
	const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/chat`, { headers });
	const frames: string[] = [];
	let wake = () => {};
	socket.on('message', (data) => {
		frames.push(String(data));
		wake();
	});
	socket.on('close', () => wake());
	await once(socket, 'open');
	const next = async (): Promise<string> => {
		while (frames.length === 0) {
			if (socket.readyState === WebSocket.CLOSED) throw new Error('the socket has closed');
			await new Promise<void>((resolve) => (wake = resolve));
		}
		return frames.shift()!;
	};
	return {
		socket,
		send: (request) => socket.send(typeof request === 'string' ? request : JSON.stringify(request)),
		next,
		async answer() {
			const answer = [await next()];
			while (answer.at(-1) !== '[DONE]') answer.push(await next());
			return answer;
		}
	};
}
