import { z } from 'zod';
import { problemSchema } from '../errors.ts';

/** Document A's error: a part of every problem. */
export const errorBodySchema = problemSchema.pick({ error: true, code: true, details: true });

/** Document B's error, Problem Details: the other part. */
export const problemDetailsSchema = problemSchema.pick({ type: true, title: true, status: true, detail: true, errors: true });

/** The error of everything under `/v1` that speaks OpenAI's dialect. */
export const openAiErrorSchema = z.object({
	error: z.object({
		message: z.string(),
		type: z.string().describe('`invalid_request_error`, `permission_error`, `rate_limit_error` or `server_error`.'),
		param: z.string().nullable().describe('The member at fault.'),
		code: z.string().nullable()
	})
});

/** An error once an answer's head has been sent: the last frame of `/api/chat`. */
export const chatErrorFrameSchema = openAiErrorSchema.extend({ error: openAiErrorSchema.shape.error.extend({ details: z.string() }) });
export type ChatErrorFrame = z.infer<typeof chatErrorFrameSchema>;
