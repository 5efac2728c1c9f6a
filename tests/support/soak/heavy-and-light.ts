/** One user who asks for everything at once beside others who ask one thing at a time. */

export type Served = { user: number; firstMs: number; serviceMs: number; endedAt: number };

/** Jain's index of shares: 1 = all alike, 1/n = one has everything. */
export function jainIndex(shares: readonly number[]): number {
	const sum = shares.reduce((total, share) => total + share, 0);
	return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}

/**
 * User 0 sends `heavy` requests at once; `light` others ask again and again, with `pause` between, as long as one of his is unanswered.
 * @param ask one request of a user; milliseconds until its first piece, and from there to its end
 * @returns what was served in that time, in order
 */
export async function heavyAndLight(
	{ heavy, light, pause }: { heavy: number; light: number; pause: () => Promise<void> },
	ask: (user: number) => Promise<{ firstMs: number; serviceMs: number }>
): Promise<Served[]> {
	const served: Served[] = [];
	let left = heavy;
	const one = async (user: number) => {
		const times = await ask(user);
		if (left > 0) served.push({ user, ...times, endedAt: performance.now() });
	};
	const all = Array.from({ length: heavy }, () => one(0).finally(() => left--));
	const others = Array.from({ length: light }, async (_, index) => {
		while (left > 0) {
			await one(index + 1);
			await pause();
		}
	});
	await Promise.all([...all, ...others]);
	return served;
}

/** How many of the served each user had, until the heavy one's line was empty (its last `slots` requests were running). */
export function sharesOf(served: readonly Served[], users: number, slots: number): number[] {
	const lastHeavy = served.filter(({ user }) => user === 0).at(-slots - 1);
	const contended = served.slice(0, lastHeavy ? served.indexOf(lastHeavy) + 1 : 0);
	return Array.from({ length: users }, (_, user) => contended.filter((one) => one.user === user).length);
}
