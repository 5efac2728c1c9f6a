/**
 * One heavy user with 50 requests at once and nine light ones, through the whole program. `node scripts/bench/fairness.ts [--rounds 3]`
 * Held: a light user's request waits at most two service times at its 95th percentile (the light ones pause between their
 * requests), and when all users always want more, what each is given has Jain's index of at least 0.9. Needs the build.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startChatServer } from '../../tests/support/chat-server.ts';
import { heavyAndLight, jainIndex, sharesOf } from '../../tests/support/soak/heavy-and-light.ts';
import { chat } from './chat-client.ts';
import { median, quantile } from './quantile.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const [heavy, light, slots, tokens] = [50, 9, 4, 128];

const server = await startChatServer({ RATE_LIMIT_IP: '0' }, { parallelSlots: slots });
try {
	const users = [server.admin, ...(await Promise.all(Array.from({ length: light }, (_, index) => server.user(`light${index}`))))];
	const ask = async (user: number) => {
		const { firstTokenMs, totalMs } = await chat({ url: server.url, key: users[user]!.token, model: 'endless' }, { stream: true, prompt: 'Hello there', members: { max_tokens: tokens } });
		return { firstMs: firstTokenMs, serviceMs: totalMs - firstTokenMs };
	};
	await ask(0);
	console.log(`Answers of ${tokens} tokens, ${slots} slots; ${heavy} requests of one user at once beside ${light} users with one at a time.\n`);
	console.log('| round | one service ms | light wait p50 | light wait p95 | in services | answers of each user | Jain | held |\n|---:|---:|---:|---:|---:|---|---:|---|');
	for (let round = 1; round <= Number(values.rounds); round++) {
		let serviceMs = 500;
		const paused = await heavyAndLight({ heavy, light, pause: () => sleep(Math.random() * 2 * serviceMs) }, async (user) => {
			const times = await ask(user);
			serviceMs = times.serviceMs;
			return times;
		});
		const service = median(paused.map((one) => one.serviceMs));
		const waits = paused.filter(({ user }) => user > 0).map((one) => one.firstMs);
		const shares = sharesOf(await heavyAndLight({ heavy, light, pause: async () => undefined }, ask), light + 1, slots);
		const [wait, jain] = [quantile(waits, 0.95), jainIndex(shares)];
		const held = wait <= 2 * service && jain >= 0.9;
		if (!held) process.exitCode = 1;
		console.log(`| ${round} | ${service.toFixed(0)} | ${median(waits).toFixed(0)} | ${wait.toFixed(0)} | ${(wait / service).toFixed(2)} | ${shares.join(' ')} | ${jain.toFixed(3)} | ${held ? 'yes' : 'no'} |`);
	}
} finally {
	await server.stop();
}
