/** Stands in for an engine that opens and answers heartbeats, but never produces anything and does not hear an abort. */
type Message = { type: string; id?: number };

process.on('message', ({ type, id }: Message) => {
	if (type === 'open')
		process.send!({ type: 'opened', info: { contextLength: 64, slots: 1, trainContextLength: 64, vocabularySize: 1, hasChatTemplate: true, gpu: false, modelBytes: 0, loadMs: 0 } });
	if (type === 'ping') process.send!({ type: 'pong', id, stats: { slotsBusy: 1, kvUsed: 0, kvTotal: 64, rssBytes: 0, lastBatch: 0 } });
	if (type === 'close') process.disconnect();
});
process.on('disconnect', () => process.exit(0));
