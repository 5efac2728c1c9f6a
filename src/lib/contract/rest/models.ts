import { z } from 'zod';

/** A name that is given: it stands in logs, lists and file names of exports. */
export const newModelNameSchema = z.string({ error: 'name is required' }).trim().min(1, 'name is required').max(200, 'name must be at most 200 characters')
	.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'name must not contain control characters');
export const modelDescriptionSchema = z.string({ error: 'description must be a text' }).max(2000, 'description must be at most 2000 characters');
const path = z.string({ error: 'path is required' }).min(1, 'path is required').max(4096, 'path must be at most 4096 characters').refine((text) => !text.includes('\0'), 'path must not contain NUL');

/** `POST /api/models`. */
export const registrationSchema = z.object(
	{
		models: z.array(z.object({ name: newModelNameSchema, description: modelDescriptionSchema.optional(), path }, { error: 'each model must be {name, path, description?}' }), { error: 'models must be an array of {name, path, description?}' })
			.min(1, 'models must not be empty')
			.max(1000, 'models must be at most 1000')
	},
	{ error: 'the body must be {"models": [{name, path, description?}]}' }
);

/** `POST /api/models/discover`. */
export const discoverySchema = z.object(
	{ paths: z.array(path, { error: 'paths must be an array of folders' }).min(1, 'paths must not be empty').max(64, 'paths must be at most 64') },
	{ error: 'the body must be {"paths": ["/folder"]}' }
);

export const registeredSchema = z.object({ message: z.string(), registered: z.int().describe('Rows written: new models and those that were replaced.') });

export const discoveredSchema = z.object({
	discovered: z.array(
		z.object({
			name: z.string(),
			description: z.string(),
			version: z.string(),
			path: z.string(),
			family: z.string(),
			size: z.int().describe('Bytes, of all parts of a split file.')
		})
	),
	scannedPaths: z.array(z.string()),
	totalFound: z.int()
});
export type Discovered = z.infer<typeof discoveredSchema>;

/** Document A's list. */
export const registryModelListSchema = z.object({
	count: z.int(),
	models: z.array(
		z.object({
			name: z.string(),
			description: z.string(),
			status: z.enum(['running', 'stopped', 'loading', 'error']).describe("An upstream's model is running whenever its server answers."),
			version: z.string()
		})
	)
});
export type RegistryModelList = z.infer<typeof registryModelListSchema>;

/** Document B's list. */
export const openAiModelListSchema = z.array(
	z.object({ id: z.string(), object: z.literal('model'), created: z.int().describe('Seconds since 1970.'), ownedBy: z.string().describe('`local`, or the name of the upstream that has it.') })
);
export type OpenAiModelList = z.infer<typeof openAiModelListSchema>;
