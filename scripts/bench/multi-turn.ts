/**
 * Six turns of one chat, each with more to read: time to the first token, this program (whole) and llama.cpp's own server in turn, and
 * ours without its prefix cache (each turn as another user, whose prompts share nothing), and with the model unloaded and loaded
 * before each turn. Medians over the rounds. Needs the build. Without LLAMA_SERVER only ours are measured.
 *
 *   [LLAMA_SERVER=/path/to/llama-server] node scripts/bench/multi-turn.ts [--shape qwen2.5-0.5b] [--rounds 3] [--threads 2]
 *
 * Held: from the second turn on our first token comes as soon as llama-server's, and the sixth four times sooner than without the
 * cache, also after unload and load.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PresetName } from '../../tests/support/gguf/presets.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { signIn } from '../../tests/support/sign-in.ts';
import { trpcClient } from '../../tests/support/trpc-client.ts';
import { chat, type Target } from './chat-client.ts';
import { startLlamaServer, type Opening } from './llama-server.ts';
import { startOurServer } from './our-server.ts';
import { promptText } from './prompt-text.ts';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { shape: { type: 'string', default: 'qwen2.5-0.5b' }, rounds: { type: 'string', default: '3' }, threads: { type: 'string', default: String(availableParallelism()) } } });
const binary = process.env.LLAMA_SERVER;
const turns = 6;
const opening: Opening = { slots: 4, contextLength: 8192, threads: Number(values.threads), batchSize: 512 };

type Message = { role: string; content: string };
type Turn = { firstMs: number; cached: number; prompt: number; conversationId?: string | undefined };

/** `kept`: as a conversation that the program keeps, begun or gone on with; what is kept of a prompt on the disk is kept for those. */
async function ask(target: Target, messages: Message[], kept?: { conversationId: string | undefined }): Promise<Turn & { text: string }> {
	const { firstTokenMs, whole, conversationId } = await chat(target, { stream: true, ...(kept ? { path: '/api/chat' } : {}), members: { messages, ...kept, max_tokens: 50, ignore_eos: true, temperature: 0, stream_options: { include_usage: true } } });
	const frames = whole.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[]; usage?: { prompt_tokens: number; prompt_tokens_details?: { cached_tokens: number } } }] : []));
	const usage = frames.findLast((frame) => frame.usage)?.usage;
	return { conversationId, firstMs: firstTokenMs, cached: usage?.prompt_tokens_details?.cached_tokens ?? 0, prompt: usage?.prompt_tokens ?? 0, text: frames.map((frame) => frame.choices[0]?.delta.content ?? '').join('') };
}

/** One chat; `targetOf` a turn, so that each may be another's; `before` each but the first. */
async function conversation(targetOf: (turn: number) => Target, before?: () => Promise<unknown>): Promise<Turn[]> {
	const messages: Message[] = [];
	const seen: Turn[] = [];
	for (let turn = 0; turn < turns; turn++) {
		if (turn > 0) await before?.();
		messages.push({ role: 'user', content: promptText(600) });
		const { text, ...times } = await ask(targetOf(turn), messages, before && { conversationId: seen[0]?.conversationId });
		messages.push({ role: 'assistant', content: text });
		seen.push(times);
	}
	return seen;
}

const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
const model = sizedModel(folder, values.shape as PresetName, 'q4_0');
const theirs = binary ? await startLlamaServer(binary, model, opening) : undefined;
const ours = await startOurServer(model, opening);
try {
	const client = trpcClient(ours, ours.admin);
	const others = await Promise.all(
		Array.from({ length: turns }, async (_, turn): Promise<Target> => {
			await client.users.create.mutate({ username: `other${turn}`, password: 'a good password', role: 'user' });
			return { ...ours, key: (await signIn(ours, `other${turn}`, 'a good password')).token };
		})
	);
	async function reload(): Promise<void> {
		await client.models.unload.mutate({ name: ours.model });
		await client.models.load.mutate({ name: ours.model });
	}
	const runs = { ours: () => conversation(() => ours), ...(theirs ? { theirs: () => conversation(() => theirs) } : {}), uncached: () => conversation((turn) => others[turn]!), reloaded: () => conversation(() => ours, reload) };
	const seen: Record<'ours' | 'theirs' | 'uncached' | 'reloaded', Turn[][]> = { ours: [], theirs: [], uncached: [], reloaded: [] };
	for (const target of theirs ? [ours, theirs] : [ours]) await ask(target, [{ role: 'user', content: 'Hello' }]);
	console.log(`${values.shape} q4_0, ${values.threads} threads, 600 words more and 50 tokens of answer each turn, medians of ${values.rounds} rounds in turn.`);
	console.log(`${availableParallelism()} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load before: ${loadavg()[0]!.toFixed(1)}. First token in ms.\n`);
	for (let round = 0; round < Number(values.rounds); round++) for (const who of round % 2 ? (['theirs', 'ours', 'uncached', 'reloaded'] as const) : (['ours', 'theirs', 'reloaded', 'uncached'] as const)) if (runs[who]) seen[who].push(await runs[who]());
	console.log('| turn | prompt tokens | cached | ours | llama-server | ratio | without the cache | times sooner | after unload and load | cached | times sooner |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
	for (let turn = 0; turn < turns; turn++) {
		const of = (who: keyof typeof runs) => seen[who].map((round) => round[turn]!);
		const first = (who: keyof typeof runs) => median(of(who).map(({ firstMs }) => firstMs));
		const ratio = theirs ? median(of('ours').map(({ firstMs }, round) => firstMs / of('theirs')[round]!.firstMs)) : NaN;
		const soonerOf = (who: 'ours' | 'reloaded') => median(of('uncached').map(({ firstMs }, round) => firstMs / of(who)[round]!.firstMs));
		const [sooner, reloadedSooner] = [soonerOf('ours'), soonerOf('reloaded')];
		if ((turn > 0 && ratio > 1) || (turn === turns - 1 && Math.min(sooner, reloadedSooner) < 4)) process.exitCode = 1;
		console.log(`| ${turn + 1} | ${of('ours')[0]!.prompt} | ${of('ours')[0]!.cached} | ${first('ours').toFixed(0)} | ${theirs ? first('theirs').toFixed(0) : '–'} | ${theirs ? `**${ratio.toFixed(3)}**` : '–'} | ${first('uncached').toFixed(0)} | ${sooner.toFixed(1)} | ${first('reloaded').toFixed(0)} | ${of('reloaded')[0]!.cached} | ${reloadedSooner.toFixed(1)} |`);
	}
} finally {
	await theirs?.stop();
	await ours.stop();
	rmSync(folder, { recursive: true, force: true });
}
