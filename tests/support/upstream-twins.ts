import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeLmStudio, type FakeLmStudio } from './fake-lm-studio/fake-lm-studio.ts';
import { createRandom, type Random } from './gguf/random.ts';
import { signIn } from './sign-in.ts';
import { startServer } from './start-server.ts';
import { trpcClient } from './trpc-client.ts';

/** How one streamed chat ended. */
type Outcome = 'answered' | 'broke off after it had begun' | 'failed before it had begun';

export type TwinsReport = {
	outcomes: Record<Outcome, number>;
	/** what no chat may show: two answers mixed, one told twice, a broken answer that looks whole */
	faults: string[];
	/** times a twin was killed */
	deaths: number;
};

const words = 20;
const names = ['one', 'two'] as const;

/** Streams one chat and judges what came: each word of the answer names its chat, and its first word the twin that said it. */
async function streamChat(url: string, token: string, n: number): Promise<{ outcome: Outcome; fault?: string }> {
	const prompt = Array.from({ length: words }, (_, index) => `${n}-${index}`).join(' ');
	const response = await fetch(`${url}/v1/chat/completions`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
		body: JSON.stringify({ model: 'qwen3-4b', stream: true, messages: [{ role: 'user', content: prompt }] })
	});
	if (!response.ok) return { outcome: 'failed before it had begun' };
	const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: ')).map((frame) => frame.slice(6));
	const chunks = frames.filter((frame) => frame !== '[DONE]').map((frame) => JSON.parse(frame) as { error?: object; choices?: { delta: { content?: string }; finish_reason: string | null }[] });
	const text = chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join('');
	const whole = names.map((name) => `${name} says ${prompt}`);
	const finishes = chunks.filter((chunk) => chunk.choices?.[0]?.finish_reason).length;
	const ends = frames.filter((frame) => frame === '[DONE]').length;
	const errors = chunks.filter((chunk) => chunk.error).length;
	const shown = `chat ${n}: ${JSON.stringify(text)}, ${finishes} finishes, ${ends} ends, ${errors} errors`;
	if (whole.includes(text) && finishes === 1 && ends === 1 && errors === 0) return { outcome: 'answered' };
	const proper = errors === 1 && finishes === 0 && ends === 0 && whole.some((answer) => answer.startsWith(text));
	const outcome = text === '' ? 'failed before it had begun' : 'broke off after it had begun';
	return proper ? { outcome } : { outcome, fault: shown };
}

/**
 * Sends streamed chats, several at once, while one of two upstream twins is killed at random, comes back, and then perhaps
 * the other: never both. @param seed decides who dies when
 */
export async function soakUpstreamTwins(chats: number, seed: number): Promise<TwinsReport> {
	const random = createRandom(seed, 'twins');
	const twins = await Promise.all(names.map((name) => startFakeLmStudio({ name, tokenMs: 5 })));
	const server = await startServer({ LM_STUDIO_URL: twins[0]!.url, RATE_LIMIT_USER: '0' });
	const report: TwinsReport = { outcomes: { answered: 0, 'broke off after it had begun': 0, 'failed before it had begun': 0 }, faults: [], deaths: 0 };
	try {
		const { token } = await signIn(server);
		const trpc = trpcClient(server, { token });
		await trpc.upstreams.create.mutate({ name: 'two', baseUrl: twins[1]!.url });
		const allUp = async () => {
			while ((await trpc.upstreams.list.query()).some(({ health }) => health !== 'up')) await sleep(50);
		};
		await allUp();
		let left = chats;
		const client = async () => {
			while (left > 0) {
				const { outcome, fault } = await streamChat(server.url, token, left--);
				report.outcomes[outcome]++;
				if (fault) report.faults.push(fault);
			}
		};
		const killer = async () => {
			while (left > 0) {
				await killOnce(random.pick(twins), random);
				report.deaths++;
				await allUp();
			}
		};
		await Promise.all([killer(), ...Array.from({ length: 8 }, client)]);
		return report;
	} finally {
		await server.stop();
		await Promise.all(twins.map((twin) => twin.stop()));
	}
}

async function killOnce(twin: FakeLmStudio, random: Random): Promise<void> {
	await sleep(50 + random.unit() * 400);
	await twin.kill();
	await sleep(random.unit() * 400);
	await twin.restart();
}

/** Whether the report shows what was promised: no fault, and at most one in a thousand that had not begun failed. */
export function twinsHeld({ outcomes, faults, deaths }: TwinsReport): boolean {
	const notBegun = outcomes.answered + outcomes['failed before it had begun'];
	return deaths > 0 && faults.length === 0 && outcomes['failed before it had begun'] <= notBegun / 1000;
}
