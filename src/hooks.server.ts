import type { Handle, ServerInit } from '@sveltejs/kit';
import { building } from '$app/environment';
import { startServer } from '#lib/server/boot.ts';
import { accessLog } from '#lib/server/http/access-log.ts';
import { authenticate, refuseClosed } from '#lib/server/http/authenticate.ts';
import { cors } from '#lib/server/http/cors.ts';
import { csrf } from '#lib/server/http/csrf.ts';
import { renderDialectErrors } from '#lib/server/http/dialect-errors.ts';
import { renderFrameworkErrors } from '#lib/server/http/framework-errors.ts';
import { inOrder } from '#lib/server/http/in-order.ts';
import { requireSignIn } from '#lib/server/http/require-sign-in.ts';
import { rateLimit } from '#lib/server/http/rate-limit.ts';

export const init: ServerInit = async () => {
	if (!building) await startServer();
};

/** A request's life, outermost first. */
export const handle: Handle = inOrder(accessLog, renderDialectErrors, renderFrameworkErrors, cors, authenticate, csrf, rateLimit, refuseClosed, requireSignIn);
