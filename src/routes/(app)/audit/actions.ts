import type { PlainKey } from '#lib/i18n/index.ts';

/** What was done, by the procedure's path. */
export const actions: Record<string, PlainKey> = {
	'auth.login': 'audit.action.auth.login',
	'auth.logout': 'audit.action.auth.logout',
	'auth.changePassword': 'audit.action.auth.changePassword',
	'auth.revokeSession': 'audit.action.auth.revokeSession',
	'config.update': 'audit.action.config.update',
	'downloads.changeSettings': 'audit.action.downloads.changeSettings',
	'downloads.pause': 'audit.action.downloads.pause',
	'downloads.remove': 'audit.action.downloads.remove',
	'downloads.resume': 'audit.action.downloads.resume',
	'downloads.start': 'audit.action.downloads.start',
	'keys.create': 'audit.action.keys.create',
	'keys.revoke': 'audit.action.keys.revoke',
	'models.discover': 'audit.action.models.discover',
	'models.load': 'audit.action.models.load',
	'models.pin': 'audit.action.models.pin',
	'models.register': 'audit.action.models.register',
	'models.remove': 'audit.action.models.remove',
	'models.rename': 'audit.action.models.rename',
	'models.restore': 'audit.action.models.restore',
	'models.restoreGuide': 'audit.action.models.restoreGuide',
	'models.unload': 'audit.action.models.unload',
	'models.update': 'audit.action.models.update',
	'parameters.reset': 'audit.action.parameters.reset',
	'parameters.set': 'audit.action.parameters.set',
	'upstreams.create': 'audit.action.upstreams.create',
	'upstreams.remove': 'audit.action.upstreams.remove',
	'upstreams.test': 'audit.action.upstreams.test',
	'upstreams.update': 'audit.action.upstreams.update',
	'users.create': 'audit.action.users.create',
	'users.remove': 'audit.action.users.remove',
	'users.update': 'audit.action.users.update'
};

/** What can be filtered by: the beginning that actions have in common. */
export const actionGroups: { action: string; label: PlainKey }[] = [
	{ action: 'auth.', label: 'audit.group.auth' },
	{ action: 'users.', label: 'nav.users' },
	{ action: 'keys.', label: 'settings.keys' },
	{ action: 'models.', label: 'nav.models' },
	{ action: 'downloads.', label: 'downloads.title' },
	{ action: 'upstreams.', label: 'upstreams.title' },
	{ action: 'parameters.', label: 'nav.parameters' },
	{ action: 'config.', label: 'audit.group.config' }
];
