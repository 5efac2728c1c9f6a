import { env, givenSettings, settingNames } from '../env.ts';

/** A setting of the environment: in effect until the next start, and out of reach here. */
export type EnvironmentSetting = { name: string; value: string; /** false: the default holds */ given: boolean; /** never shown: `value` says only whether there is one */ secret: boolean };

/** Their values are never shown. */
const secrets = ['ADMIN_PASSWORD', 'JWT_SECRET', 'LM_STUDIO_API_KEY', 'HF_TOKEN', 'METRICS_TOKEN'];

/** Every setting as it is in effect; of a secret only whether it is set. */
export function environmentSettings(): EnvironmentSetting[] {
	const given = givenSettings();
	const e = env();
	const values: Record<string, string> = {
		HOST: e.host, PORT: String(e.port), DATA_DIR: e.dataDir, MODELS_DIR: e.modelRoots.join(', '), API_ACCESS: e.apiAccess, ADMIN_USERNAME: e.adminUsername,
		LM_STUDIO_URL: e.lmStudioUrl.replace(/\/\/[^/@]*@/, '//'), HF_ENDPOINT: e.hubEndpoint.replace(/\/\/[^/@]*@/, '//'), DOWNLOAD_HOSTS: e.downloadHosts.join(', '), CORS_ORIGINS: e.corsOrigins.join(', '), RATE_LIMIT_USER: String(e.rateLimits.user), RATE_LIMIT_IP: String(e.rateLimits.ip),
		RATE_LIMIT_LOGIN: String(e.rateLimits.login), TRUST_PROXY: String(e.trustProxy), LOG_LEVEL: e.logLevel ?? '', ENGINE_ISOLATION: e.engineIsolation, GUIDE: e.guide ? 'on' : 'off'
	};
	for (const name of secrets) values[name] = given.has(name) ? 'set' : '';
	return settingNames.map((name) => ({ name, value: values[name] ?? '', given: given.has(name), secret: secrets.includes(name) }));
}
