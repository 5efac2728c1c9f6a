import type { MemoryPlan } from '#lib/contract/models.ts';

/** used: by everything else; stay, go: loaded models, and those that would be unloaded; needs: the model's own; free: what is left then */
export type Share = 'used' | 'stay' | 'go' | 'needs' | 'free';
export type MemoryShares = {
	/** fractions of the whole from left to right; `over` is where the model would take the place of what goes */
	bar: { kind: Share | 'over'; fraction: number }[];
	/** `go` and `stay` only where there are such */
	rows: { kind: Share; bytes: number }[];
};

/** The machine's memory as it would be divided with the model loaded. A model that needs more than there is takes all that can be had. */
export function memoryShares({ machine, needs, loaded, unloads }: Pick<MemoryPlan, 'machine' | 'needs' | 'loaded' | 'unloads'>): MemoryShares {
	const sum = (some: MemoryPlan['loaded']) => some.reduce((bytes, model) => bytes + model.bytes, 0);
	const go = sum(loaded.filter(({ name }) => unloads.includes(name)));
	const stay = sum(loaded) - go;
	const used = Math.max(0, machine.totalBytes - machine.freeBytes - stay - go);
	const room = Math.max(0, machine.totalBytes - used - stay);
	const taken = Math.min(needs.total, room);
	const over = Math.min(go, Math.max(0, taken - (room - go)));
	const parts = { used, stay, go: go - over, over, needs: taken - over, free: room - taken - (go - over) };
	const rows = { used, stay, needs: needs.total, go, free: Math.max(0, room - needs.total) };
	return {
		bar: Object.entries(parts).map(([kind, bytes]) => ({ kind: kind as Share | 'over', fraction: bytes / (machine.totalBytes || 1) })),
		rows: Object.entries(rows).flatMap(([kind, bytes]) => (bytes > 0 || kind === 'needs' || kind === 'free' ? [{ kind: kind as Share, bytes }] : []))
	};
}
