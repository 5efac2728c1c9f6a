/**
 * Who may call what. Every tRPC procedure and every REST method has one row here; a new one without a row fails access-matrix.test.ts.
 *
 * - `anyone`: no credentials needed, in any mode
 * - `user`:   a signed-in user, in any mode
 * - `admin`:  an administrator, in any mode
 * - `read`:   a signed-in user; where the API is open, anyone
 * - `write`:  an administrator; where the API is open, anyone (also for reading what tells of everybody)
 *
 * What belongs to one user says so with `others`: the input (REST: the path's parameters) that names the owner's own thing,
 * for which everybody else must get 404, administrators too.
 */
export type Who = 'anyone' | 'user' | 'admin' | 'read' | 'write';
/** The owner's things, which nobody else may see. */
export type Own = { conversationId: string; answerId: string; keyId: string; sessionId: string; presetId: string };
export type Row = Who | { who: Who; others: (own: Own) => Record<string, unknown> };

const ownConversation = (more: Record<string, unknown> = {}): Row => ({ who: 'user', others: (own) => ({ id: own.conversationId, ...more }) });
const ownAnswer: Row = { who: 'user', others: (own) => ({ answerId: own.answerId }) };

export const procedures: Record<string, Row> = {
	'audit.list': 'admin',

	'auth.access': 'user',
	'auth.changePassword': 'user',
	'auth.csrf': 'anyone',
	'auth.login': 'anyone',
	'auth.logout': 'anyone',
	'auth.me': 'user',
	'auth.revokeSession': { who: 'user', others: (own) => ({ id: own.sessionId }) },
	'auth.sessions': 'user',
	'auth.welcome': 'anyone',

	'chat.complete': 'user',
	'chat.countTokens': 'user',
	'chat.events': ownAnswer,
	'chat.start': 'user',
	'chat.stop': ownAnswer,

	'config.environment': 'admin',
	'config.get': 'read',
	'config.live': 'read',
	'config.stored': 'admin',
	'config.update': 'write',

	'conversations.archive': ownConversation(),
	'conversations.branches': ownConversation({ messageId: 'x' }),
	'conversations.changes': 'user',
	'conversations.create': 'user',
	'conversations.export': { who: 'user', others: (own) => ({ ids: [own.conversationId] }) },
	'conversations.get': ownConversation(),
	'conversations.import': 'user',
	'conversations.list': 'user',
	'conversations.presets.create': 'user',
	'conversations.presets.list': 'user',
	'conversations.presets.remove': { who: 'user', others: (own) => ({ id: own.presetId }) },
	'conversations.presets.update': { who: 'user', others: (own) => ({ id: own.presetId, name: 'taken over' }) },
	'conversations.remove': ownConversation(),
	'conversations.removeMessage': ownConversation({ messageId: 'x' }),
	'conversations.rename': ownConversation({ title: 'taken over' }),
	'conversations.search': 'user',
	'conversations.showBranch': ownConversation({ messageId: 'x' }),
	'conversations.update': ownConversation({ title: 'taken over' }),

	'downloads.advice': 'admin',
	'downloads.changeSettings': 'admin',
	'downloads.files': 'admin',
	'downloads.list': 'admin',
	'downloads.live': 'admin',
	'downloads.pause': 'admin',
	'downloads.remove': 'admin',
	'downloads.resume': 'admin',
	'downloads.search': 'admin',
	'downloads.settings': 'admin',
	'downloads.start': 'admin',

	'embeddings.create': 'user',
	'embeddings.detokenize': 'user',
	'embeddings.rerank': 'user',
	'embeddings.tokenize': 'user',

	'health.about': 'user',
	'health.live': 'anyone',
	'health.ready': 'anyone',
	'health.status': 'anyone',

	'keys.create': 'user',
	'keys.list': 'user',
	'keys.revoke': { who: 'user', others: (own) => ({ id: own.keyId }) },

	'logs.download': 'write',
	'logs.list': 'write',
	'logs.live': 'write',
	'logs.sources': 'write',

	'models.details': 'read',
	'models.discover': 'write',
	'models.discoverLive': 'write',
	'models.estimate': 'read',
	'models.needs': 'read',
	'models.guide': 'read',
	'models.kept': 'read',
	'models.list': 'read',
	'models.live': 'read',
	'models.load': 'write',
	'models.offered': 'write',
	'models.pin': 'write',
	'models.register': 'write',
	'models.remove': 'write',
	'models.rename': 'write',
	'models.restore': 'write',
	'models.restoreGuide': 'write',
	'models.unload': 'write',
	'models.update': 'write',

	'monitoring.activity': 'user',
	'monitoring.current': 'read',
	'monitoring.history': 'read',
	'monitoring.live': 'read',
	'monitoring.series': 'read',

	'parameters.categories': 'read',
	'parameters.get': 'read',
	'parameters.list': 'read',
	'parameters.live': 'read',
	'parameters.reset': 'write',
	'parameters.set': 'write',

	'upstreams.create': 'admin',
	'upstreams.list': 'user',
	'upstreams.remove': 'admin',
	'upstreams.test': 'admin',
	'upstreams.update': 'admin',

	'users.create': 'admin',
	'users.list': 'admin',
	'users.remove': 'admin',
	'users.update': 'admin'
};

/** By method and route folder. `fallback` answers every method. */
export const endpoints: Record<string, Row> = {
	'fallback /api/[...unknown]': 'read',
	'GET /api/auth/csrf': 'anyone',
	'POST /api/auth/login': 'anyone',
	'POST /api/auth/logout': 'anyone',
	'POST /api/chat': 'user',
	'GET /api/config': 'read',
	'POST /api/config': 'write',
	'GET /api/conversations': 'user',
	'POST /api/conversations': 'user',
	'GET /api/conversations/[id]': ownConversation(),
	'GET /api/models': 'read',
	'POST /api/models': 'write',
	'POST /api/models/discover': 'write',
	'GET /api/monitoring': 'read',
	'GET /api/monitoring/history': 'read',
	'GET /api/openapi.json': 'read',
	'GET /api/parameters': 'read',
	'GET /api/parameters/[category]': 'read',
	'GET /api/parameters/[category]/[paramName]': 'read',
	'PUT /api/parameters/[category]/[paramName]': 'write',
	'GET /api/parameters/category/[paramName]': 'read',
	'PUT /api/parameters/category/[paramName]': 'write',
	'GET /api/websocket': 'read', // 426
	'GET /health/live': 'anyone',
	'GET /health/ready': 'anyone',
	'GET /metrics': 'anyone',
	'fallback /trpc/[...procedure]': 'anyone', // each procedure has its own row above
	'fallback /v1/[...unknown]': 'user',
	'POST /v1/chat/completions': 'user',
	'POST /v1/completions': 'user',
	'POST /v1/detokenize': 'user',
	'POST /v1/embeddings': 'user',
	'GET /v1/models': 'user',
	'GET /v1/models/[...id]': 'user',
	'POST /v1/messages': 'user',
	'POST /v1/messages/count_tokens': 'user',
	'POST /v1/rerank': 'user',
	'POST /v1/responses': 'user',
	'POST /v1/tokenize': 'user'
};

/** Upgrades, by path. */
export const sockets: Record<string, Who> = {
	'/api/chat': 'user',
	'/api/websocket': 'read',
	'/trpc': 'anyone' // its procedures judge
};
