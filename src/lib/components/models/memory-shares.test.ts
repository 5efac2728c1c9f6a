import { expect, it } from 'vitest';
import { memoryShares } from './memory-shares.ts';

const machine = { totalBytes: 1000, freeBytes: 400 };
const needing = (total: number) => ({ weights: total, cache: 0, process: 0, total });
const other = (name: string, bytes: number) => ({ name, bytes, busy: false, pinned: false });
const barOf = (shares: ReturnType<typeof memoryShares>) =>
	Object.fromEntries(shares.bar.filter(({ fraction }) => fraction > 0).map(({ kind, fraction }) => [kind, Math.round(fraction * 1000)]));

it('divides the whole between the rest, the loaded models, the model and what is left', () => {
	const shares = memoryShares({ machine, needs: needing(300), loaded: [other('a', 200)], unloads: [] });
	expect(barOf(shares)).toEqual({ used: 400, stay: 200, needs: 300, free: 100 });
	expect(shares.rows).toEqual([
		{ kind: 'used', bytes: 400 },
		{ kind: 'stay', bytes: 200 },
		{ kind: 'needs', bytes: 300 },
		{ kind: 'free', bytes: 100 }
	]);
});

it('shows where a model takes the place of one that goes', () => {
	const shares = memoryShares({ machine, needs: needing(450), loaded: [other('a', 100), other('b', 200)], unloads: ['b'] });
	expect(barOf(shares)).toEqual({ used: 300, stay: 100, go: 150, over: 50, needs: 400 });
	expect(shares.rows).toContainEqual({ kind: 'go', bytes: 200 });
});

it('ends at the machine when a model needs more than there is', () => {
	const shares = memoryShares({ machine, needs: needing(5000), loaded: [], unloads: [] });
	expect(barOf(shares)).toEqual({ used: 600, needs: 400 });
	expect(shares.rows).toContainEqual({ kind: 'needs', bytes: 5000 });
});
