import type { Handle, ServerInit } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { building } from '$app/environment';
import { startServer } from '#lib/server/boot.ts';
import { accessLog } from '#lib/server/http/access-log.ts';
import { authenticate } from '#lib/server/http/authenticate.ts';
import { renderFrameworkErrors } from '#lib/server/http/framework-errors.ts';
import { securityHeaders } from '#lib/server/http/security-headers.ts';

export const init: ServerInit = async () => {
	if (!building) await startServer();
};

/** A request's life, outermost first. */
export const handle: Handle = sequence(accessLog, securityHeaders, renderFrameworkErrors, authenticate);
