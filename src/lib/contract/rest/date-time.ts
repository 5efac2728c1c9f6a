import { z } from 'zod';

/** A moment as it is written on the wire. */
export const dateTimeSchema = z.string().meta({ format: 'date-time', description: 'ISO 8601' });
