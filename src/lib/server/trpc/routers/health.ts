import { version } from '../../config/config.ts';
import { about } from '../../health/about.ts';
import { checkDatabase, readiness } from '../../health/health.ts';
import { localModels } from '../../models/local.ts';
import { publicProcedure, router, userProcedure } from '../init.ts';

export const healthRouter = router({
	live: publicProcedure.query(() => ({ status: 'Healthy' as const })),
	ready: publicProcedure.query(({ ctx }) => readiness(localModels, ctx.signal)),
	/** For the dashboard's foot: what runs and since when. */
	status: publicProcedure.query(() => ({ version, uptimeSeconds: Math.floor(process.uptime()), database: checkDatabase().status })),
	/** What it is made of and how it stands, for the Settings page. */
	about: userProcedure.query(() => about())
});
