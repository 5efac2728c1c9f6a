import adapter from '@sveltejs/adapter-node';

/** @type {import('@sveltejs/kit').Config} */
export default {
	compilerOptions: { runes: true },
	kit: {
		// For svelte-check with TypeScript 7, which finds components through `paths` alone; at run time package.json's `imports` say the same.
		typescript: { config: (config) => void (config.compilerOptions.paths['#lib/*'] = ['../src/lib/*']) },
		adapter: adapter({ out: 'build' }),
		// Kit's own check answers plain text before `handle` and knows form content types only; http/csrf.ts is ours.
		csrf: { trustedOrigins: ['*'] },
		// Scripts run by nonce alone: model output that slips through the sanitiser stays text. Styles are inline in toasts and charts.
		csp: {
			mode: 'nonce',
			directives: {
				'default-src': ['self'],
				'script-src': ['self'],
				'style-src': ['self', 'unsafe-inline'],
				'img-src': ['self', 'data:', 'blob:'],
				'font-src': ['self', 'data:'],
				'connect-src': ['self'],
				'worker-src': ['self', 'blob:'],
				'object-src': ['none'],
				'base-uri': ['none'],
				'form-action': ['self'],
				'frame-ancestors': ['none']
			}
		}
	}
};
