import { env } from '../env.ts';

/** Bounds of what one line may hold: characters of a text, of the message; entries of a list or object, and how deep they nest. */
const bounds = { text: 2000, message: 4000, entries: 50, depth: 5 };
const hidden = '[hidden]';

/** Members that hold secrets, whoever passes them. Counts of tokens are none: numbers are shown. */
const secretName = /pass(word|wd|phrase)|secret|authori[sz]ation|cookie|credential|csrf|(token|key)$/i;

/** Secrets by their look, wherever they stand in a text. */
const secretLooks: [RegExp, string][] = [
	[/\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g, hidden], // a JWT
	[/\b(?:lr_|sk-|hf_|ghp_)[\w-]{12,}/g, hidden], // API keys: ours and well-known ones
	[/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
	[/:\/\/[^\s/@:]*:[^\s/@]+@/g, `://${hidden}@`], // a URL's user and password
	[/\b(\w*(?:password|passwd|secret|token|api[-_]?key|cookie))(["']?\s*[=:]\s*["']?)[^\s"'&,;]{6,}/gi, `$1$2${hidden}`]
];

/** Those that were given by the environment, long enough not to be ordinary words. */
function givenSecrets(): string[] {
	const { adminPassword, jwtSecret, lmStudioApiKey, metricsToken } = env();
	return [adminPassword, jwtSecret, lmStudioApiKey, metricsToken].filter((value) => value !== undefined && value.length >= 8) as string[];
}

/** Controls, line ends, ANSI's escape and what turns the direction of writing: they forge lines, or hide them. */
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const names: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escaped = (character: string) => names[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text of these alone has no look of a secret, unless it is a key that begins with sk-. Most texts are such: methods, names, paths. */
const plain = /^[a-zA-Z0-9/-]*$/;

function cleanText(text: string, longest: number): string {
	let clean = text.length > longest ? `${text.slice(0, longest)}… (${text.length - longest} more)` : text;
	for (const secret of givenSecrets()) clean = clean.replaceAll(secret, hidden);
	if (plain.test(clean) && !clean.includes('sk-')) return clean;
	for (const [look, shown] of secretLooks) clean = clean.replace(look, shown);
	return clean.replace(controls, escaped);
}

/** A message as it may be written: on one line, without secrets. */
export const cleanMessage = (text: string): string => cleanText(text, bounds.message);

function cleanValue(name: string, value: unknown, depth: number): unknown {
	if (secretName.test(name) && (typeof value === 'string' || (typeof value === 'object' && value !== null))) return hidden;
	if (typeof value === 'string') return name === 'stack' ? value.split('\n').slice(0, bounds.entries).map((line) => cleanText(line, bounds.text)) : cleanText(value, bounds.text);
	if (typeof value === 'bigint') return String(value);
	if (typeof value === 'function' || typeof value === 'symbol') return undefined;
	if (typeof value !== 'object' || value === null || value instanceof Date) return value;
	if (depth >= bounds.depth) return '…';
	if (Array.isArray(value)) return value.slice(0, bounds.entries).map((entry) => cleanValue('', entry, depth + 1));
	if (value instanceof Error) return cleanFacts({ type: value.name, message: value.message, stack: value.stack, ...('code' in value ? { code: value.code } : {}), ...(value.cause === undefined ? {} : { cause: value.cause }) }, depth + 1);
	return cleanFacts(value as Record<string, unknown>, depth + 1);
}

/** Facts as they may be written: bounded, without secrets, each text on one line (of a stack, each line by itself). */
export function cleanFacts(facts: Record<string, unknown>, depth = 0): Record<string, unknown> {
	return Object.fromEntries(Object.entries(facts).slice(0, bounds.entries).map(([name, value]) => [cleanText(name, 100), cleanValue(name, value, depth)]));
}
