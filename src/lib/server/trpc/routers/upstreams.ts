import { z } from 'zod';
import { newUpstreamSchema, upstreamChangeSchema } from '../../../contract/upstreams.ts';
import { listedUpstream } from '../../upstream/listed.ts';
import { allUpstreams, createUpstream, refreshUpstreams, removeUpstream, requireUpstream, updateUpstream } from '../../upstream/registry.ts';
import { adminProcedure, router, userProcedure } from '../init.ts';

const id = z.object({ id: z.string().max(200) });

/** Servers that answer for us. Addresses come from administrators alone, and only they see them. */
export const upstreamsRouter = router({
	list: userProcedure.query(async ({ ctx }) => {
		await refreshUpstreams(ctx.signal);
		return allUpstreams().map((upstream) => listedUpstream(upstream, ctx.identity.role === 'admin'));
	}),
	create: adminProcedure.input(newUpstreamSchema).mutation(({ input }) => listedUpstream(createUpstream(input), true)),
	update: adminProcedure.input(upstreamChangeSchema).mutation(({ input: { id, ...change } }) => listedUpstream(updateUpstream(id, change), true)),
	remove: adminProcedure.input(id).mutation(({ input }) => removeUpstream(input.id)),
	/** Probes it now. */
	test: adminProcedure.input(id).mutation(async ({ input }) => {
		const upstream = requireUpstream(input.id);
		await upstream.probe();
		return listedUpstream(upstream, true);
	})
});
