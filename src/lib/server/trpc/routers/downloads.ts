import { z } from 'zod';
import { downloadSettingsSchema, hubSearchSchema, newDownloadSchema, repoSchema } from '../../../contract/downloads.ts';
import { adviseOnRepo } from '../../downloads/advice.ts';
import { followDownloads, listDownloads, pauseDownload, removeDownload, resumeDownload } from '../../downloads/downloads.ts';
import { listRepo, searchHub } from '../../downloads/hub.ts';
import { changeDownloadSettings, downloadSettings } from '../../downloads/settings.ts';
import { startDownload } from '../../downloads/start.ts';
import { reachableBytes } from '../../models/running.ts';
import { adminProcedure, router } from '../init.ts';
import { joinedSignal } from '../joined-signal.ts';

const id = z.object({ id: z.string().max(200) });

/** Models from the hub and from allowed hosts. What the server fetches, and from where, is an administrator's to say. */
export const downloadsRouter = router({
	list: adminProcedure.query(() => listDownloads()),
	/** The list, and again as it changes. */
	live: adminProcedure.subscription(async function* ({ ctx, signal }) {
		yield* followDownloads(joinedSignal(ctx, signal));
	}),
	search: adminProcedure.input(hubSearchSchema).query(({ ctx, input }) => searchHub(input.text, ctx.signal)),
	files: adminProcedure.input(repoSchema).query(async ({ ctx, input }) => {
		const { files, ...about } = await listRepo(input.repo, ctx.signal);
		return { ...about, files: files.map(({ members: _members, ...file }) => file) };
	}),
	/** Which of the files run on this machine. */
	advice: adminProcedure.input(repoSchema).query(({ ctx, input }) => adviseOnRepo(input.repo, reachableBytes(), ctx.signal)),
	start: adminProcedure.input(newDownloadSchema).mutation(async ({ ctx, input }) => ({ id: await startDownload(input, ctx.signal) })),
	pause: adminProcedure.input(id).mutation(({ input }) => pauseDownload(input.id)),
	resume: adminProcedure.input(id).mutation(({ input }) => resumeDownload(input.id)),
	/** Cancels it, or takes one that is done off the list. */
	remove: adminProcedure.input(id).mutation(({ input }) => removeDownload(input.id)),
	settings: adminProcedure.query(() => downloadSettings()),
	changeSettings: adminProcedure.input(downloadSettingsSchema).mutation(({ input }) => changeDownloadSettings(input))
});
