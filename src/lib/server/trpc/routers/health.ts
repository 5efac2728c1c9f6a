import { version } from '../../config/config.ts';
import { checkDatabase } from '../../health/health.ts';
import { publicProcedure, router } from '../init.ts';

export const healthRouter = router({
	live: publicProcedure.query(() => ({ status: 'Healthy' as const })),
	/** For the dashboard's foot: what runs and since when. */
	status: publicProcedure.query(() => ({ version, uptimeSeconds: Math.floor(process.uptime()), database: checkDatabase().status }))
});
