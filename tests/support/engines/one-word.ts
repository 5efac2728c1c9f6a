/** Stands in for an engine that begins every answer, and then stands still as the mute one does. */
import './mute.ts';

process.on('message', ({ type, id }: { type: string; id?: number }) => {
	if (type === 'generate') process.send!({ type: 'events', rows: [{ id, event: { type: 'text', text: 'So' } }] });
});
