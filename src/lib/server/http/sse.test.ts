import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commentFrame, dataFrame, dataFrames, sseResponse } from './sse.ts';

describe('frames', () => {
	it('a comment can’t be made to end early and begin an event', () => expect(commentFrame('a\n\ndata: forged\r\n')).toBe(': a data: forged \n\n'));
	it('data holds no raw line break, whatever it says', () => expect(dataFrame({ text: 'a\n\ndata: forged' })).toBe('data: {"text":"a\\n\\ndata: forged"}\n\n'));
	it('those that belong together are one piece', () => expect(dataFrames([{ data: { n: 1 } }, { event: 'end', data: '[DONE]' }])).toBe('data: {"n":1}\n\nevent: end\ndata: [DONE]\n\n'));
});

describe('a stream of frames', () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	const readerOf = (response: Response) => response.body!.pipeThrough(new TextDecoderStream()).getReader();

	it('sends its head with a comment when nothing is said at once, and one in every further silence of 10 s', async () => {
		const said = Promise.withResolvers<void>();
		async function* frames() {
			await said.promise;
			yield 'data: late\n\n';
		}
		const reader = readerOf(sseResponse(frames(), () => undefined));
		const next = async (ms: number) => {
			const read = reader.read();
			await vi.advanceTimersByTimeAsync(ms);
			return (await read).value;
		};
		expect(await next(50)).toBe(': keep-alive\n\n');
		expect(await next(10_000)).toBe(': keep-alive\n\n');
		expect(await next(10_000)).toBe(': keep-alive\n\n');
		said.resolve();
		expect(await next(0)).toBe('data: late\n\n');
		expect((await reader.read()).done).toBe(true);
	});

	it('tells when the reader leaves', async () => {
		let left = false;
		async function* frames() {
			yield 'data: one\n\n';
			await new Promise(() => undefined);
		}
		const response = sseResponse(frames(), () => (left = true));
		const reader = response.body!.getReader();
		await reader.read();
		await reader.cancel();
		expect(left).toBe(true);
	});
});
