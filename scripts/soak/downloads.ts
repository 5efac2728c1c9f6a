/** Kills the server with SIGKILL at random moments of downloads over a failing network. Arguments: kills (20), megabytes of the file (60). Held: each download goes on and ends with the right SHA-256; nothing wrong ever stands under a model's name. */
import { createRandom } from '../../tests/support/gguf/random.ts';
import { killDownloads } from '../../tests/support/soak/downloads.ts';

const seed = Date.now() % 2 ** 31;
const megabytes = Number(process.argv[3] ?? 60);
const { wrong, ...counts } = await killDownloads(Number(process.argv[2] ?? 20), megabytes, createRandom(seed, 'downloads'));
console.log('| what | how many |\n|---|---:|');
for (const [what, count] of Object.entries({
	'kills (SIGKILL)': counts.kills, 'of these while bytes came': counts.inTransfer, 'faults of the network between them': counts.faults, 'requests that went on from the middle': counts.resumed, [`downloads of ${megabytes} MB that ended with the right SHA-256`]: counts.downloads, 'what did not hold': wrong.length
})) console.log(`| ${what} | ${count} |`);
console.log(`\nSeed ${seed}.`);
for (const one of wrong.slice(0, 20)) console.log(`- ${one}`);
process.exitCode = wrong.length === 0 && counts.resumed > 0 ? 0 : 1;
