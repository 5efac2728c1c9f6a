/**
 * Bursts of requests for models of mixed sizes on a machine with 1.25 GiB for engines. Argument: minutes (20).
 * Held: the engines never hold more than that, no answer is cut, a burst loads its model once at most, and what the pool
 * estimated is within 15 % of what an engine takes.
 */
import { createRandom } from '../../tests/support/gguf/random.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { memoryCap } from '../../tests/support/soak/memory-cap.ts';
import { median } from '../bench/quantile.ts';

const minutes = Number(process.argv[2] ?? 20);
const cap = 1.25 * 2 ** 30;
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

const { bursts, answers, loads, evictions, mostBytes, errors, faults } = await memoryCap(createRandom(Date.now() % 2 ** 31, 'memory'), cap, { seconds: minutes * 60, bursts: Infinity }, ({ dir, endless, specOf }) => {
	// The program's own time-out: a starved disk or core makes a load slow, which is not what is looked at here.
	const patient = { loadTimeoutMs: 300_000 };
	const options = (contextLength: number, slots: number) => ({ ...patient, options: { contextLength, slots, batchSize: 256, threads: 1, gpuLayers: 0, flashAttention: true, kvCacheType: 'f16', purpose: 'generate' } as const });
	const mid = sizedModel(dir, 'mid');
	const half = sizedModel(dir, 'qwen2.5-0.5b');
	return [endless('tiny', patient), endless('tiny-4', patient, { slots: 4, contextLength: 4096 }), specOf('mid', mid, options(2048, 2)), specOf('mid-8', mid, options(8192, 8)), specOf('half', half, options(2048, 1)), specOf('half-4', half, options(4096, 4))];
});
const worst = errors.reduce((most, one) => (Math.abs(one.error) > Math.abs(most.error) ? one : most), { key: '', error: 0 });
console.log(`| what | in ${minutes} minutes |\n|---|---:|`);
for (const [what, value] of Object.entries({
	'bursts of 1 to 6 requests': bursts, 'answers, whole': answers, loads, evictions, 'memory there is': mebibytes(cap), 'memory taken, most': mebibytes(mostBytes),
	'estimate off, median': `${(median(errors.map(({ error }) => Math.abs(error))) * 100).toFixed(1)} %`, 'estimate off, most': `${(worst.error * 100).toFixed(1)} % (${worst.key})`, faults: faults.length
})) console.log(`| ${what} | ${value} |`);
for (const fault of faults.slice(0, 20)) console.log(`\n- ${fault}`);
process.exitCode = faults.length === 0 && Math.abs(worst.error) <= 0.15 && answers > 0 ? 0 : 1;
