import { z } from 'zod';

const must = (sentence: string) => ({ error: sentence });
/** Names what is not known, and what is. */
const members = (section: string, known: string) => ({
	error: (issue: { code?: string; keys?: string[] }) =>
		issue.code === 'unrecognized_keys' ? `${issue.keys!.map((key) => section + key).join(', ')}: unknown; known: ${known}` : `${section.slice(0, -1) || 'The body'} must be an object`
});
const maxConcurrent = must('models.maxConcurrent must be a whole number from 1 to 64');

/** What `POST /api/config` takes: any part of the configuration. Unknown members are an error. */
export const configChangeSchema = z.strictObject(
	{
		app: z.strictObject(
			{ name: z.string(must('app.name must be a text')).optional(), version: z.string(must('app.version must be a text')).optional(), port: z.number(must('app.port must be a number')).optional() },
			members('app.', 'app.name, app.version, app.port, which can only be read')
		).optional(),
		models: z.strictObject(
			{
				defaultModel: z.string(must('models.defaultModel must be the name of a model, or null')).max(512, must('models.defaultModel must be at most 512 characters')).nullable().optional(),
				maxConcurrent: z.number(maxConcurrent).int(maxConcurrent).min(1, maxConcurrent).max(64, maxConcurrent).optional()
			},
			members('models.', 'models.defaultModel, models.maxConcurrent')
		).optional()
	},
	members('', 'app, models')
);

/** Document A's two sections. `app` is what is; `models` is what may be written. */
export const configSchema = z.object({
	app: z.object({ name: z.string(), version: z.string(), port: z.int().describe('The port that is really listened on.') }),
	models: z.object({
		defaultModel: z.string().nullable().describe('The model of a chat request that names none.'),
		maxConcurrent: z.int().describe('Models that may be loaded at once.')
	})
});
export type Config = z.infer<typeof configSchema>;

export const configChangedSchema = configSchema.extend({ message: z.string() });
