import type { Handle } from '@sveltejs/kit';
import type { Identity } from '../auth/identity.ts';
import { firstAdministrator } from '../auth/users.ts';
import { env } from '../env.ts';
import { shutdownSignal } from '../lifecycle.ts';
import type { Context } from '../trpc/context.ts';

/** Until credentials are checked, everybody on this machine is the administrator; the server binds loopback only. */
function localIdentity(): Identity {
	const { id, username, role } = firstAdministrator(env().adminUsername, '');
	return { userId: id, username, role };
}

export const anonymousContext = (requestId: string): Context => ({
	identity: localIdentity(), open: true, requestId, ip: '', userAgent: '', transport: 'ws', signal: shutdownSignal()
});

export const authenticate: Handle = ({ event, resolve }) => {
	event.locals.context.identity = localIdentity();
	event.locals.context.open = true;
	return resolve(event);
};
