import { z } from 'zod';

const category = z.enum(['model', 'system', 'performance']);
const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.string()), z.null()]);

export const parameterCategoriesSchema = z.object({ categories: z.array(category) });

/** Document A's category. What means nothing for a parameter is absent. */
export const parameterCategorySchema = z.object({
	category,
	parameters: z.record(
		z.string(),
		z.object({
			value,
			min: z.number().optional(),
			max: z.number().optional(),
			description: z.string(),
			default: value.optional(),
			type: z.enum(['number', 'integer', 'boolean', 'string', 'strings']).optional(),
			step: z.number().optional(),
			options: z.array(z.string()).readonly().optional(),
			unit: z.string().optional(),
			nullable: z.boolean().optional().describe('null is a value: "decide by itself".'),
			locked: z.string().optional().describe('The environment variable that decides it; it cannot be changed here.')
		})
	)
});

export const parameterValueSchema = z.object({ parameter: z.string(), value, category });

/** `PUT` on a parameter. */
export const parameterChangeSchema = z.object({ value });
