/**
 * Examines the guide through the product's own engine, in this process, with what it never saw in training. An answer is right
 * when it is, to the letter, the answer of the subject that was asked about.
 *     node scripts/guide/evaluate.ts [GUIDE.gguf] [--wrong] [--write results.md]
 */
import { statSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { Engine } from '../../src/lib/server/pool/engine/protocol.ts';
import type { ChatMessage } from '../../src/lib/contract/chat.ts';
import { asksOtherLanguage, heldOutDialogues } from './dialogues.ts';
import { heldOutQuestions, type Kind } from './held-out.ts';
import { readSubjects, type Language } from './read-subjects.ts';

type Case = { kind: Kind | 'follow-up'; language: Language; subject: string; messages: ChatMessage[]; answer: string };

const args = process.argv.slice(2);
const option = (name: string) => (args.includes(name) ? args.splice(args.indexOf(name), 2)[1] : undefined);
const flag = (name: string) => args.includes(name) && args.splice(args.indexOf(name), 1).length > 0;
const write = option('--write');
const showWrong = flag('--wrong');
const path = args[0] ?? join(import.meta.dirname, '../../src/lib/server/guide/guide.gguf');
const slots = 8;

const subjects = new Map(readSubjects().subjects.map((subject) => [subject.name, subject]));
const subjectByAnswer = new Map([...subjects.values()].flatMap((subject) => [[subject.en.answer, `${subject.name}/en`], [subject.fr.answer, `${subject.name}/fr`]]));

function followUps(): Case[] {
	return heldOutDialogues.map(([language, before, question, meant]) => {
		const told = before.flatMap((name): ChatMessage[] => [
			{ role: 'user', content: language === 'en' ? 'How does that work?' : 'Comment ça marche ?' },
			{ role: 'assistant', content: subjects.get(name)![language].answer }
		]);
		const other: Language = language === 'en' ? 'fr' : 'en';
		return { kind: 'follow-up', language, subject: meant, messages: [...told, { role: 'user', content: question }], answer: subjects.get(meant)![asksOtherLanguage(question) ? other : language].answer };
	});
}

async function ask(engine: Engine, messages: ChatMessage[], temperature: number): Promise<string> {
	let text = '';
	for await (const event of engine.generate({ messages, options: { temperature, topP: 0.95, topK: 40, minP: 0.05, maxTokens: 160, seed: 1 } }, AbortSignal.timeout(120_000))) if (event.type === 'text') text += event.text;
	return text;
}

/** Which of the cases are answered rightly, and what was said. */
async function examine(engine: Engine, cases: Case[], temperature: number): Promise<string[]> {
	const said: string[] = [];
	let next = 0;
	await Promise.all(Array.from({ length: slots }, async () => {
		while (next < cases.length) {
			const at = next++;
			said[at] = await ask(engine, cases[at]!.messages, temperature);
		}
	}));
	return said;
}

const rows: { kind: Case['kind']; label: string; wanted?: number }[] = [
	{ kind: 'phrasing', label: 'phrasings written by hand', wanted: 90 },
	{ kind: 'slips', label: 'the same with slips of the finger' },
	{ kind: 'frame', label: 'known phrases in unknown sentences', wanted: 90 },
	{ kind: 'roundabout', label: 'said in a roundabout way, without the usual words' },
	{ kind: 'follow-up', label: 'follow-up questions' },
	{ kind: 'other', label: 'off-subject, declined', wanted: 95 }
];

const cases: Case[] = [...heldOutQuestions().map(({ question, ...rest }): Case => ({ ...rest, messages: [{ role: 'user', content: question }] })), ...followUps()];
const engine = await openEngine({ modelPath: path, contextLength: 1024, slots, batchSize: 512, threads: 1, gpuLayers: 0, flashAttention: true, kvCacheType: 'f16', purpose: 'generate' }, () => {});
const began = performance.now();
const cold = await examine(engine, cases, 0);
const seconds = (performance.now() - began) / 1000;
const warm = await examine(engine, cases, 0.7);
await engine.close();

/** A refusal is one in either language: gibberish has none, and other tongues get the nearer. */
const refusals = (['en', 'fr'] as const).map((language) => subjects.get('other')![language].answer);
const isRight = ({ kind, answer }: Case, text: string | undefined): boolean => (kind === 'other' ? refusals.includes(text ?? '') : text === answer);

const share = (kind: Case['kind'], language: Language | undefined, said: string[]): string => {
	const these = cases.flatMap((one, at) => (one.kind === kind && (!language || one.language === language) ? [isRight(one, said[at])] : []));
	const right = these.filter(Boolean).length;
	return `${((right / these.length) * 100).toFixed(1)} % (${right} of ${these.length})`;
};
if (showWrong)
	for (const [at, one] of cases.entries())
		if (!isRight(one, cold[at])) console.log(`${one.kind} ${one.subject}/${one.language}: ${one.messages.at(-1)!.content}\n    → ${subjectByAnswer.get(cold[at]!) ?? JSON.stringify(cold[at])}`);

const table = `| Never seen in training | all | English | French | all, at temperature 0.7 |
|---|---|---|---|---|
${rows.map(({ kind, label }) => `| ${label} | ${share(kind, undefined, cold)} | ${share(kind, 'en', cold)} | ${share(kind, 'fr', cold)} | ${share(kind, undefined, warm)} |`).join('\n')}`;
const about = `${subjects.size - 1} subjects and the refusal; ${(statSync(path).size / 1e6).toFixed(2)} MB. ${cases.length} questions in ${seconds.toFixed(0)} s (${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, one thread).`;
console.log(`${table}\n\n${about}`);
if (write) writeFileSync(write, `# What the guide knows\n\nWritten by \`scripts/guide/evaluate.ts\`, through the product's own engine. Right: to the letter the answer of the subject that was asked about.\n\n${table}\n\n${about}\n`);
const failed = rows.filter(({ kind, wanted }) => wanted !== undefined && Number.parseFloat(share(kind, undefined, cold)) < wanted);
if (failed.length) {
	console.error(`Below what is wanted: ${failed.map(({ label, wanted }) => `${label} (${wanted} %)`).join(', ')}`);
	process.exitCode = 1;
}
