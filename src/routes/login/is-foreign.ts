/** Whether another site sent the form: it could sign its visitor in as somebody else and read what is then written. */
export function isForeign(request: Request, url: URL): boolean {
	const origin = request.headers.get('origin');
	return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== url.host);
}
