import { z } from 'zod';

/** A model as OpenAI's clients read one. The context's length is an extra that they tolerate and some use. */
export const v1ModelSchema = z.object({
	id: z.string(),
	object: z.literal('model'),
	created: z.int().describe('Seconds since 1970.'),
	owned_by: z.string().describe('`local`, or the name of the upstream that has it.'),
	context_length: z.int().optional().describe('Tokens; absent when an upstream does not tell.')
});
export type V1Model = z.infer<typeof v1ModelSchema>;

export const v1ModelListSchema = z.object({ object: z.literal('list'), data: z.array(v1ModelSchema) });
export type V1ModelList = z.infer<typeof v1ModelListSchema>;
