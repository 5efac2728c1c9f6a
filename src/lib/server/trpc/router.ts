import { router } from './init.ts';
import { chatRouter } from './routers/chat.ts';
import { configRouter } from './routers/config.ts';
import { conversationsRouter } from './routers/conversations.ts';
import { healthRouter } from './routers/health.ts';
import { modelsRouter } from './routers/models.ts';
import { parametersRouter } from './routers/parameters.ts';

export const appRouter = router({
	chat: chatRouter,
	config: configRouter,
	conversations: conversationsRouter,
	health: healthRouter,
	models: modelsRouter,
	parameters: parametersRouter
});

export type AppRouter = typeof appRouter;
