import { z } from 'zod';

/** Of a subscription that goes on where it was: the id of the last row that arrived. tRPC's clients send it by themselves, as text. */
export const resumable = z.object({ lastEventId: z.coerce.number<number | string>().int().min(0).nullish() });
