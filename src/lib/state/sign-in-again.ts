let leaving = false;

/** To the sign-in page and back here: the server no longer knows who this is. A whole new page, so that nothing stays in memory. */
export function signInAgain(): void {
	if (!leaving) location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Runs what ends this page's own session; being refused means nothing from then on, since the page is left afterwards. */
export async function leavingSession(run: () => Promise<unknown>): Promise<void> {
	leaving = true;
	try {
		await run();
	} catch (thrown) {
		leaving = false;
		throw thrown;
	}
}
