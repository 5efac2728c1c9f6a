import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { bridge } from './bridge.ts';

/** A wrong setting or state that stops the boot; the entry prints its message alone. */
export class BootError extends Error {
	override name = 'BootError';
}

/** pino's, least important first; `silent` logs nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const optional = z.string().optional();
const count = (max: number) => z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0, 'must not be negative').max(max, `must be at most ${max}`);
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, { error: `must be one of ${values.join(', ')}` });
const url = z.string().refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), 'must be an http:// or https:// URL');

/** Every setting the program reads, as the contract's section 7 lists them. `.env.example` says the same in words. */
const schema = z.object({
	HOST: z.string().default('127.0.0.1'),
	PORT: count(65_535).default(3000),
	DATA_DIR: z.string().default('./data'),
	MODELS_DIR: optional,
	API_ACCESS: oneOf(['auto', 'open', 'authenticated']).default('auto'),
	ADMIN_USERNAME: z.string().regex(/^[\p{L}\p{N}._@-]{1,64}$/u, 'must be 1 to 64 letters, digits or . _ @ -').default('admin'),
	ADMIN_PASSWORD: optional,
	JWT_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
	LM_STUDIO_URL: url.default('http://127.0.0.1:1234'),
	LM_STUDIO_API_KEY: optional,
	HF_ENDPOINT: url.default('https://huggingface.co'),
	HF_TOKEN: optional,
	DOWNLOAD_HOSTS: optional,
	CORS_ORIGINS: z.string().default('https://gateway.local,http://localhost:5173'),
	RATE_LIMIT_USER: count(1_000_000).default(60),
	RATE_LIMIT_IP: count(1_000_000).default(100),
	RATE_LIMIT_LOGIN: count(1_000_000).default(5),
	TRUST_PROXY: count(16).default(0),
	METRICS_TOKEN: optional,
	LOG_LEVEL: oneOf(logLevels).optional(),
	ENGINE_ISOLATION: oneOf(['process', 'none']).default('process'),
	GUIDE: oneOf(['on', 'off']).default('on')
});

/** The names of all settings. */
export const settingNames = Object.keys(schema.shape);

export type Env = {
	host: string;
	port: number;
	/** the project's folder: migrations and the engine's file lie below it */
	root: string;
	dataDir: string;
	/** absolute folders in which models are looked for */
	modelRoots: string[];
	apiAccess: 'auto' | 'open' | 'authenticated';
	adminUsername: string;
	adminPassword: string | undefined;
	jwtSecret: string | undefined;
	lmStudioUrl: string;
	lmStudioApiKey: string | undefined;
	/** root of the hub that models are downloaded from */
	hubEndpoint: string;
	hubToken: string | undefined;
	/** `host` or `host:port` that downloads may come from, whatever its address */
	downloadHosts: string[];
	corsOrigins: string[];
	/** requests per 60 s; 0 = off */
	rateLimits: { user: number; ip: number; login: number };
	trustProxy: number;
	metricsToken: string | undefined;
	/** undefined: the parameter decides */
	logLevel: string | undefined;
	engineIsolation: 'process' | 'none';
	/** the built-in guide is registered on the first start */
	guide: boolean;
};

/**
 * Reads the settings. An empty value counts as unset.
 * @throws BootError that names each wrong setting and what it must be
 */
export function readEnv(source: Record<string, string | undefined>, root: string): Env {
	const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
	const parsed = schema.safeParse(given);
	if (!parsed.success) {
		const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
		throw new BootError(`The server can't start: ${wrong.join('; ')}. See .env.example for every setting.`);
	}
	const e = parsed.data;
	const dataDir = resolve(e.DATA_DIR);
	const origins = e.CORS_ORIGINS.split(',').map((origin) => origin.trim()).filter(Boolean);
	for (const origin of origins)
		if (!URL.canParse(origin) || new URL(origin).origin !== origin)
			throw new BootError(`The server can't start: CORS_ORIGINS must be origins such as https://example.org, separated by commas; "${origin}" is none.`);
	return {
		host: e.HOST,
		port: e.PORT,
		root,
		dataDir,
		modelRoots: e.MODELS_DIR ? e.MODELS_DIR.split(delimiter).filter(Boolean).map((folder) => resolve(folder)) : [join(dataDir, 'models')],
		apiAccess: e.API_ACCESS,
		adminUsername: e.ADMIN_USERNAME,
		adminPassword: e.ADMIN_PASSWORD,
		jwtSecret: e.JWT_SECRET,
		lmStudioUrl: e.LM_STUDIO_URL.replace(/\/+$/, ''),
		lmStudioApiKey: e.LM_STUDIO_API_KEY,
		hubEndpoint: e.HF_ENDPOINT.replace(/\/+$/, ''),
		hubToken: e.HF_TOKEN,
		downloadHosts: (e.DOWNLOAD_HOSTS ?? '').split(',').map((host) => host.trim().toLowerCase()).filter(Boolean),
		corsOrigins: origins,
		rateLimits: { user: e.RATE_LIMIT_USER, ip: e.RATE_LIMIT_IP, login: e.RATE_LIMIT_LOGIN },
		trustProxy: e.TRUST_PROXY,
		metricsToken: e.METRICS_TOKEN,
		logLevel: e.LOG_LEVEL,
		engineIsolation: e.ENGINE_ISOLATION,
		guide: e.GUIDE === 'on'
	};
}

let current: Env | undefined;

/** The settings of this process, read once. */
export const env = (): Env => (current ??= readEnv(process.env, bridge.root ?? process.cwd()));

/** Names of the settings that were given; the others hold their defaults. */
export const givenSettings = (): Set<string> => new Set(settingNames.filter((name) => process.env[name]));
