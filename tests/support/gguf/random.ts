/** A seeded source of numbers. The same seed and label give the same numbers on every machine: only integer arithmetic inside. */
export type Random = {
	/** an integer in [0, 2³²) */
	integer: () => number;
	/** a number in [0, 1) */
	unit: () => number;
	/** one of the elements */
	pick: <T>(from: ArrayLike<T>) => T;
};

/** xoshiro128++. `label` (a tensor's name, say) keeps streams apart, so that one tensor does not depend on those before it. */
export function createRandom(seed: number, label: string): Random {
	let hash = (Math.imul(seed, 0x9e3779b1) ^ 0x811c9dc5) >>> 0;
	for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
	let a = hash | 1;
	let b = 0x9e3779b9;
	let c = 0x243f6a88;
	let d = 0xb7e15162;
	const integer = () => {
		const sum = (a + d) | 0;
		const result = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = (d << 11) | (d >>> 21);
		return result;
	};
	for (let i = 0; i < 16; i++) integer();
	return {
		integer,
		unit: () => integer() / 4294967296,
		pick: (from) => from[integer() % from.length]!
	};
}
