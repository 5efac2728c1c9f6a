import adapter from '@sveltejs/adapter-node';

/** @type {import('@sveltejs/kit').Config} */
export default {
	compilerOptions: { runes: true },
	kit: {
		adapter: adapter({ out: 'build' }),
		// Kit's own check answers plain text before `handle` and knows form content types only; http/csrf.ts is ours.
		csrf: { trustedOrigins: ['*'] }
	}
};
