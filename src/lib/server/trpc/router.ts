import { router } from './init.ts';
import { auditRouter } from './routers/audit.ts';
import { authRouter } from './routers/auth.ts';
import { chatRouter } from './routers/chat.ts';
import { configRouter } from './routers/config.ts';
import { conversationsRouter } from './routers/conversations.ts';
import { downloadsRouter } from './routers/downloads.ts';
import { embeddingsRouter } from './routers/embeddings.ts';
import { healthRouter } from './routers/health.ts';
import { keysRouter } from './routers/keys.ts';
import { logsRouter } from './routers/logs.ts';
import { modelsRouter } from './routers/models.ts';
import { monitoringRouter } from './routers/monitoring.ts';
import { parametersRouter } from './routers/parameters.ts';
import { upstreamsRouter } from './routers/upstreams.ts';
import { usersRouter } from './routers/users.ts';

export const appRouter = router({
	audit: auditRouter,
	auth: authRouter,
	chat: chatRouter,
	config: configRouter,
	conversations: conversationsRouter,
	downloads: downloadsRouter,
	embeddings: embeddingsRouter,
	health: healthRouter,
	keys: keysRouter,
	logs: logsRouter,
	models: modelsRouter,
	monitoring: monitoringRouter,
	parameters: parametersRouter,
	upstreams: upstreamsRouter,
	users: usersRouter
});

export type AppRouter = typeof appRouter;
