import { z } from 'zod';
import { listAudit } from '../../audit/audit.ts';
import { adminProcedure, router } from '../init.ts';

const query = z.object({
	/** an action or the beginning of one: `users.` */
	action: z.string().max(100).optional(),
	username: z.string().max(256).optional(),
	outcome: z.enum(['ok', 'refused']).optional(),
	since: z.date().optional(),
	until: z.date().optional(),
	limit: z.number().int().min(1).max(200).default(50),
	/** the `next` of the page before */
	before: z.number().int().positive().optional()
});

export const auditRouter = router({
	/** Newest first, a page at a time. */
	list: adminProcedure.input(query.default({ limit: 50 })).query(({ input: { limit, before, ...filter } }) => listAudit(filter, { limit, before }))
});
