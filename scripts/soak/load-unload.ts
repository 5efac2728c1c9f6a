/**
 * Loads and unloads a model again and again (argument: how often, 50), with an answer each time. Held: the server's own memory stays
 * within 20 MB of what it was after ten to warm up, and no engine is left.
 */
import { startChatServer } from '../../tests/support/chat-server.ts';
import { enginePids } from '../../tests/support/soak/engine-pids.ts';
import { loadUnload } from '../../tests/support/soak/load-unload.ts';
import { median } from '../bench/quantile.ts';

const times = Number(process.argv[2] ?? 50);
const server = await startChatServer();
try {
	const { bytes, loadMs } = await loadUnload(server, times);
	const megabytes = bytes.map((value) => value / 1e6);
	const grown = megabytes.at(-1)! - megabytes[0]!;
	const left = enginePids(server.process.pid!, '.gguf').length;
	console.log(`| what | ${times} times |\n|---|---:|`);
	for (const [what, value] of Object.entries({ 'server, after each ten': `${megabytes.map((value) => value.toFixed(0)).join(', ')} MB`, grown: `${grown.toFixed(1)} MB`, 'load, median': `${median(loadMs).toFixed(0)} ms`, 'engines left': left })) console.log(`| ${what} | ${value} |`);
	process.exitCode = grown <= 20 && left === 0 ? 0 : 1;
} finally {
	await server.stop();
}
