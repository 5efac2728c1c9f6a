let expected = false;

/** To the sign-in page and back here: the server no longer knows who this is. A whole new page, so that nothing stays in memory. */
export function signInAgain(): void {
	if (!expected) location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Runs what ends this page's own session and brings a new one: until then being refused means nothing. */
export async function whileSessionChanges<T>(run: () => Promise<T>): Promise<T> {
	expected = true;
	try {
		return await run();
	} finally {
		expected = false;
	}
}
