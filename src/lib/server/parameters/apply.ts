import { setLogLevel } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import { followParameter } from './values.ts';

const holder = singleton('parameters', () => ({ stop: undefined as (() => void) | undefined }));

/** Brings parameters to what doesn't ask for them, now and at each change. */
export function openParameters(): void {
	holder.stop = followParameter('logLevel', setLogLevel);
}

export function closeParameters(): void {
	holder.stop?.();
	holder.stop = undefined;
}
