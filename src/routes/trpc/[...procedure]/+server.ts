import type { RequestHandler } from './$types';
import { serveTrpc } from '#lib/server/http/trpc.ts';

export const fallback: RequestHandler = (event) => serveTrpc(event);
