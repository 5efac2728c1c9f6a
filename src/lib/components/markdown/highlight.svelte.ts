import type { HLJSApi, LanguageFn } from 'highlight.js';
import hljs from 'highlight.js/lib/core';

type Loader = () => Promise<{ default: LanguageFn }>;

/** One small file each, read when an answer first needs it. */
const loaders: Record<string, Loader> = {
	bash: () => import('highlight.js/lib/languages/bash'),
	c: () => import('highlight.js/lib/languages/c'),
	cpp: () => import('highlight.js/lib/languages/cpp'),
	csharp: () => import('highlight.js/lib/languages/csharp'),
	css: () => import('highlight.js/lib/languages/css'),
	diff: () => import('highlight.js/lib/languages/diff'),
	dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
	go: () => import('highlight.js/lib/languages/go'),
	ini: () => import('highlight.js/lib/languages/ini'),
	java: () => import('highlight.js/lib/languages/java'),
	javascript: () => import('highlight.js/lib/languages/javascript'),
	json: () => import('highlight.js/lib/languages/json'),
	kotlin: () => import('highlight.js/lib/languages/kotlin'),
	lua: () => import('highlight.js/lib/languages/lua'),
	makefile: () => import('highlight.js/lib/languages/makefile'),
	markdown: () => import('highlight.js/lib/languages/markdown'),
	php: () => import('highlight.js/lib/languages/php'),
	powershell: () => import('highlight.js/lib/languages/powershell'),
	python: () => import('highlight.js/lib/languages/python'),
	r: () => import('highlight.js/lib/languages/r'),
	ruby: () => import('highlight.js/lib/languages/ruby'),
	rust: () => import('highlight.js/lib/languages/rust'),
	sql: () => import('highlight.js/lib/languages/sql'),
	swift: () => import('highlight.js/lib/languages/swift'),
	typescript: () => import('highlight.js/lib/languages/typescript'),
	xml: () => import('highlight.js/lib/languages/xml'),
	yaml: () => import('highlight.js/lib/languages/yaml')
};
const aliases: Record<string, string> = {
	'c++': 'cpp', 'c#': 'csharp', cs: 'csharp', docker: 'dockerfile', html: 'xml', svg: 'xml', svelte: 'xml', vue: 'xml', js: 'javascript', jsx: 'javascript', mjs: 'javascript',
	kt: 'kotlin', make: 'makefile', md: 'markdown', ps1: 'powershell', py: 'python', rb: 'ruby', rs: 'rust', sh: 'bash', shell: 'bash', console: 'bash', zsh: 'bash',
	toml: 'ini', ts: 'typescript', tsx: 'typescript', yml: 'yaml'
};
/** Longer code would hold up the page at every new word. */
const maxLength = 20_000;

// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody shows it
const asked = new Set<string>();
let ready = $state(0);

/** How many languages can be highlighted by now. */
export const highlighters = (): number => ready;

/** Highlighted markup, or null: unknown language, too long, or its file is still on its way, in which case the reader is told when it came. */
export function highlight(code: string, language: string): string | null {
	const name = aliases[language] ?? language;
	const load = loaders[name];
	if (!load || code.length > maxLength) return null;
	void ready;
	if ((hljs as HLJSApi).getLanguage(name)) return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
	if (!asked.has(name)) {
		asked.add(name);
		void load().then((module) => {
			hljs.registerLanguage(name, module.default);
			ready++;
		}, () => asked.delete(name));
	}
	return null;
}
