/** Stands in for an engine that begins every answer, answers heartbeats, and then stands still; its context's length tells whether it opens at all: 1 never does. */
type Message = { type: string; id?: number; options?: { contextLength: number } };

process.on('message', ({ type, id, options }: Message) => {
	if (type === 'open' && options!.contextLength > 1)
		process.send!({ type: 'opened', info: { contextLength: 64, slots: 1, trainContextLength: 64, vocabularySize: 1, hasChatTemplate: true, gpu: false, modelBytes: 0, loadMs: 0 } });
	if (type === 'ping') process.send!({ type: 'pong', id, stats: { slotsBusy: 1, kvUsed: 0, kvTotal: 64, rssBytes: 0, lastBatch: 0 } });
	if (type === 'generate') process.send!({ type: 'events', rows: [{ id, event: { type: 'text', text: 'So' } }] });
	if (type === 'close') process.disconnect();
});
process.on('disconnect', () => process.exit(0));
