/**
 * Every file that is known to harm, and mutations of a good header (argument: how many, 2000), each loaded in an engine process of
 * its own. Held: each is refused with a clear error or works, and a good model still loads after all of them.
 */
import { brokenModelNames } from '../../tests/support/gguf/broken.ts';
import { createRandom } from '../../tests/support/gguf/random.ts';
import { hostileFiles } from '../../tests/support/soak/hostile-files.ts';

const mutations = Number(process.argv[2] ?? 2000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const seen = await hostileFiles(createRandom(seed, 'mutations'), brokenModelNames, mutations, (done) => {
	if (done % 100 === 0) console.error(`${done} files`);
});
console.log(`| what | of ${seen.files} files (seed ${seed}) |\n|---|---:|`);
for (const [what, value] of Object.entries({
	'refused before llama.cpp saw it': seen.refusedBefore, 'refused by llama.cpp': seen.refusedByLlama, 'ended the engine, twice, and were set aside': seen.crashed, 'loaded and answered': seen.working,
	'slowest': `${(seen.slowestMs / 1000).toFixed(1)} s`, faults: seen.faults.length
})) console.log(`| ${what} | ${value} |`);
for (const fault of seen.faults.slice(0, 20)) console.log(`\n- ${fault}`);
process.exitCode = seen.faults.length === 0 ? 0 : 1;
