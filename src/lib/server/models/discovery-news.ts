import type { DiscoveryNews } from '../../contract/models.ts';
import type { DiscoveryEvent } from './discover.ts';
import { foundFile, freeName, registrations } from './offered.ts';

/** Milliseconds between two pieces of news: 10,000 files are no 10,000 messages. */
const newsMs = 100;

/** A discovery's events, gathered into news. */
export async function* discoveryNews(discovery: AsyncIterable<DiscoveryEvent>): AsyncGenerator<DiscoveryNews, void, void> {
	const empty = () => ({ found: [] as DiscoveryNews['found'], skipped: [] as DiscoveryNews['skipped'] });
	let counts = { folders: 0, files: 0, filesRead: 0 };
	let gathered = empty();
	let toldAt = 0;
	const registeredAs = await registrations();
	const taken = new Set<string>();
	for await (const event of discovery) {
		if (event.type === 'found') {
			const known = await registeredAs(event.path);
			gathered.found.push({ ...foundFile(event), name: known ?? freeName(event.facts.name, taken), registeredAs: known });
		} else if (event.type === 'skipped') gathered.skipped.push({ path: event.path, reason: event.reason });
		else if (event.type === 'done') yield { ...counts, ...gathered, done: true, truncated: event.truncated };
		else {
			counts = { folders: event.folders, files: event.files, filesRead: event.filesRead };
			if (performance.now() - toldAt < newsMs) continue;
			toldAt = performance.now();
			yield { ...counts, ...gathered, done: false, truncated: false };
			gathered = empty();
		}
	}
}
