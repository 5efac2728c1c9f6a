const browsers: [RegExp, string][] = [[/\bEdg\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bFirefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/\bSafari\//, 'Safari']];
const systems: [RegExp, string][] = [[/\bAndroid\b/, 'Android'], [/\biPhone\b|\biPad\b/, 'iOS'], [/\bWindows\b/, 'Windows'], [/\bMac OS X\b/, 'macOS'], [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux']];

const first = (table: [RegExp, string][], text: string) => table.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox · Linux" out of a User-Agent; a program's own name as it sent it; '' when it sent none. */
export function deviceOf(userAgent: string): string {
	const browser = first(browsers, userAgent);
	return browser ? [browser, first(systems, userAgent)].filter(Boolean).join(' · ') : userAgent.split(' ')[0]!.slice(0, 60);
}
