/** Seconds that the kept rows stand for: as measured, and rolled up. */
export const levels = [30, 300, 3600] as const;
export type Level = (typeof levels)[number];

/** The finest rows of which a stretch of hours has at most `maxPoints`. */
export function levelFor(hours: number, maxPoints: number): Level {
	return levels.find((seconds) => (hours * 3600) / seconds <= maxPoints) ?? 3600;
}

/** The beginning of the interval that a moment lies in, both in milliseconds since the epoch. */
export const intervalOf = (at: number, seconds: Level): number => Math.floor(at / (seconds * 1000)) * seconds * 1000;
