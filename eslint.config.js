import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Svelte's files alone; the same rules for all others are in `.oxlintrc.json`: change both. What needs types is svelte-check's, what is layout is prettier's. */
export default typescript.config(
	{ ignores: ['build/', '.svelte-kit/', '.runtime/', 'data/', 'node_modules/', 'test-results/', 'playwright-report/', 'drizzle/', '**/*.js', '**/*.cjs', '**/*.ts', '!**/*.svelte.ts'] },
	...typescript.configs.recommended,
	...svelte.configs['flat/recommended'],
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'no-console': 'error',
			'no-async-promise-executor': 'error',
			'no-empty': 'error',
			'no-fallthrough': 'error',
			'no-self-assign': 'error',
			'no-unreachable': 'error',
			'no-unsafe-finally': 'error',
			'no-useless-escape': 'error',
			'no-var': 'error',
			'object-shorthand': 'error',
			'prefer-const': ['error', { destructuring: 'all' }],
			'svelte/no-navigation-without-resolve': 'off', // served from the root of its origin
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }]
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: typescript.parser, svelteConfig } },
		rules: {
			'prefer-const': 'off', // `let { a } = $props()`
			'svelte/prefer-const': ['error', { destructuring: 'all', excludedRunes: ['$props', '$bindable'] }]
		}
	}
);
