/** Where to go after signing in: a path of this server, and nothing that a browser would take elsewhere. */
export function safePath(wanted: string | null): string {
	const here = 'http://here.invalid';
	if (!wanted?.startsWith('/') || !URL.canParse(wanted, here)) return '/';
	const { origin, pathname, search, hash } = new URL(wanted, here);
	return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
