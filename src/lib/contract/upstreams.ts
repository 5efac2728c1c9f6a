import { z } from 'zod';

const name = z
	.string({ error: 'name is required' })
	.trim()
	.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'name must be 1 to 64 small letters, digits or . _ -, and begin with a letter or digit');
const kind = z.enum(['lm-studio', 'openai-compatible'], { error: 'kind must be lm-studio or openai-compatible' });
const baseUrl = z.string({ error: 'baseUrl is required' }).trim().min(1, 'baseUrl is required').max(2048, 'baseUrl must be at most 2048 characters');
/** What can stand in a header. */
const apiKey = z.string().trim().max(4096, 'apiKey must be at most 4096 characters').regex(/^[\x21-\x7e]*$/, 'apiKey must be printable ASCII without spaces').nullable();

export const newUpstreamSchema = z.object({ name, kind: kind.default('openai-compatible'), baseUrl, apiKey: apiKey.optional(), enabled: z.boolean().optional() });

/** An absent member stays as it is; an `apiKey` of null or '' removes the key. */
export const upstreamChangeSchema = z.object({ id: z.string().max(200), name: name.optional(), kind: kind.optional(), baseUrl: baseUrl.optional(), apiKey: apiKey.optional(), enabled: z.boolean().optional() });

export type UpstreamKind = z.infer<typeof kind>;

/** An upstream as the dashboard shows it. Its key is never told. */
export type ListedUpstream = {
	id: string;
	name: string;
	kind: UpstreamKind;
	/** set by the environment, not changeable here */
	builtIn: boolean;
	enabled: boolean;
	/** `unknown`: not probed yet, or switched off */
	health: 'unknown' | 'up' | 'down';
	/** milliseconds the last good probe took */
	latencyMs: number | null;
	checkedAt: Date | null;
	/** answers under way */
	active: number;
	/** requests are kept from it for a moment, after several that failed */
	resting: boolean;
	models: { id: string; /** null when it does not tell */ loaded: boolean | null; /** tokens */ contextLength: number | null; chats: boolean }[];
	/** for administrators alone */
	private?: { baseUrl: string; hasApiKey: boolean; /** what the last probe found wrong */ error: string | null };
};
