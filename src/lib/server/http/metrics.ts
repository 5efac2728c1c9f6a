import { createHash, timingSafeEqual } from 'node:crypto';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { metricsText } from '../metrics/metrics.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** `GET /metrics`: for anyone, unless METRICS_TOKEN is set, which is then wanted as a Bearer. @throws AppError UNAUTHORIZED */
export async function metricsResponse(request: Request): Promise<Response> {
	const wanted = env().metricsToken;
	const given = /^bearer\s+(.*)$/is.exec(request.headers.get('authorization') ?? '')?.[1]?.trim() ?? '';
	if (wanted !== undefined && !timingSafeEqual(digest(wanted), digest(given))) throw new AppError('UNAUTHORIZED', 'Send the METRICS_TOKEN as "Authorization: Bearer …"');
	const { contentType, text } = await metricsText();
	return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
}
