/**
 * Kills, crashes and freezes a model's engine at random under load, through the whole program. Argument: minutes (10).
 * Held: every health check is answered, the model beside it never misses a word, every cut answer ends with a well-formed error, and
 * the model answers again within its load time and a second, counted from the blow (a frozen engine must be found first).
 */
import { startChatServer } from '../../tests/support/chat-server.ts';
import { createRandom } from '../../tests/support/gguf/random.ts';
import { chaos } from '../../tests/support/soak/chaos.ts';
import { median } from '../bench/quantile.ts';

const minutes = Number(process.argv[2] ?? 10);
const server = await startChatServer();
try {
	const { loadMs, blows, whole, failed, beside, healthChecks, slowestHealthMs, faults } = await chaos(server, createRandom(Date.now() % 2 ** 31, 'chaos'), { seconds: minutes * 60, blows: Infinity });
	const most = Math.max(...blows.map(({ backMs }) => backMs));
	const late = blows.filter(({ backMs }) => backMs > loadMs + 1000).length;
	const of = (signal: string) => blows.filter((blow) => blow.signal === signal).length;
	console.log(`| what | in ${minutes} minutes |\n|---|---:|`);
	for (const [what, value] of Object.entries({
		'engines killed (SIGKILL)': of('SIGKILL'), 'crashed (SIGSEGV)': of('SIGSEGV'), 'frozen (SIGSTOP)': of('SIGSTOP'),
		'load and first answer, not struck': `${loadMs.toFixed(0)} ms`, 'back after, median': `${median(blows.map(({ backMs }) => backMs)).toFixed(0)} ms`, 'back after, most': `${most.toFixed(0)} ms`, 'back later than load time + 1 s': late,
		'answers whole': whole, 'answers ended by an error, well-formed': failed, "the other model's answers, all right": beside,
		'health checks, all answered': healthChecks, 'slowest health check': `${slowestHealthMs.toFixed(0)} ms`, faults: faults.length
	})) console.log(`| ${what} | ${value} |`);
	for (const fault of faults.slice(0, 20)) console.log(`\n- ${fault}`);
	process.exitCode = faults.length === 0 && late === 0 && blows.length > 0 ? 0 : 1;
} finally {
	await server.stop();
}
