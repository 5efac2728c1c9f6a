import { z } from 'zod';
import { roleSchema } from '../identity.ts';

/** What document B's login answers. */
export const loginAnswerSchema = z.object({
	success: z.literal(true),
	token: z.string().describe('A JWT for `Authorization: Bearer …`; the cookie `access_token` carries the same.'),
	message: z.string(),
	user: z.object({ id: z.string(), username: z.string(), role: roleSchema })
});
export type LoginAnswer = z.infer<typeof loginAnswerSchema>;

export const csrfAnswerSchema = z.object({ csrfToken: z.string().describe('For the header `X-CSRF-Token` of a request from another site that goes by cookie.') });
