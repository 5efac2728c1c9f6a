import { z } from 'zod';

export const livenessSchema = z.object({ status: z.literal('Healthy') });

/** Document B's readiness. Degraded: something can be served, and a check fails. */
export const readinessSchema = z.object({
	status: z.enum(['Healthy', 'Degraded', 'Unhealthy']),
	checks: z.array(z.object({ name: z.string(), status: z.enum(['Healthy', 'Unhealthy']), description: z.string() }))
});
export type Readiness = z.infer<typeof readinessSchema>;
