import type { PlainKey } from '#lib/i18n/index.ts';

/** What each setting of the environment is for. */
export const about: Record<string, PlainKey> = {
	HOST: 'environment.HOST',
	PORT: 'environment.PORT',
	DATA_DIR: 'environment.DATA_DIR',
	MODELS_DIR: 'environment.MODELS_DIR',
	API_ACCESS: 'environment.API_ACCESS',
	ADMIN_USERNAME: 'environment.ADMIN_USERNAME',
	ADMIN_PASSWORD: 'environment.ADMIN_PASSWORD',
	JWT_SECRET: 'environment.JWT_SECRET',
	LM_STUDIO_URL: 'environment.LM_STUDIO_URL',
	LM_STUDIO_API_KEY: 'environment.LM_STUDIO_API_KEY',
	HF_ENDPOINT: 'environment.HF_ENDPOINT',
	HF_TOKEN: 'environment.HF_TOKEN',
	DOWNLOAD_HOSTS: 'environment.DOWNLOAD_HOSTS',
	CORS_ORIGINS: 'environment.CORS_ORIGINS',
	RATE_LIMIT_USER: 'environment.RATE_LIMIT_USER',
	RATE_LIMIT_IP: 'environment.RATE_LIMIT_IP',
	RATE_LIMIT_LOGIN: 'environment.RATE_LIMIT_LOGIN',
	TRUST_PROXY: 'environment.TRUST_PROXY',
	METRICS_TOKEN: 'environment.METRICS_TOKEN',
	LOG_LEVEL: 'environment.LOG_LEVEL',
	ENGINE_ISOLATION: 'environment.ENGINE_ISOLATION',
	GUIDE: 'environment.GUIDE'
};
