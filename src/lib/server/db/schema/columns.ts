import { integer, text } from 'drizzle-orm/sqlite-core';

/** Milliseconds since the epoch, a Date in TypeScript. */
export const timestamp = (name: string) => integer(name, { mode: 'timestamp_ms' });
export const flag = (name: string) => integer(name, { mode: 'boolean' });
export const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>();
