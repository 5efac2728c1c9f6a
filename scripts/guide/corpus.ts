/**
 * Writes what the guide learns from: WORK/answers.json and WORK/dialogues.jsonl, and WORK/heldout.json, what it is examined with.
 *     node scripts/guide/corpus.ts WORK [dialogues] [seed]
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heldOutDialogues } from './dialogues.ts';
import { heldOutQuestions } from './held-out.ts';
import { createTeacher, type Dialogue } from './teacher.ts';

const [work = 'work', count = '400000', seed = '1'] = process.argv.slice(2);
mkdirSync(work, { recursive: true });
const teacher = createTeacher(Number(seed));
writeFileSync(join(work, 'answers.json'), JSON.stringify(teacher.answers.map(({ name, language, text }) => ({ name: `${name}/${language}`, text }))));
writeFileSync(join(work, 'heldout.json'), JSON.stringify(heldOutQuestions(), null, '\t'));

// What the examination asks is never said here, be it by chance: neither a question (one word aside, such as "Bonjour") nor a follow-up after the same subject.
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}_]+/gu)?.join(' ') ?? '';
const examined = new Set(heldOutQuestions().map(({ question }) => plain(question)).filter((text) => text.includes(' ')));
const followed = new Set(heldOutDialogues.map(([language, before, question]) => `${before.at(-1)}/${language} ${plain(question)}`));
const isExamined = (dialogue: Dialogue) => dialogue.some(([question], at) => examined.has(plain(question)) || (at > 0 && followed.has(`${nameOf(dialogue[at - 1]![1])} ${plain(question)}`)));
const nameOf = (answer: number) => `${teacher.answers[answer]!.name}/${teacher.answers[answer]!.language}`;

const file = createWriteStream(join(work, 'dialogues.jsonl'));
for (let i = 0; i < Number(count); i++) {
	let dialogue = teacher.dialogue();
	while (isExamined(dialogue)) dialogue = teacher.dialogue();
	if (!file.write(`${JSON.stringify(dialogue)}\n`)) await new Promise((done) => file.once('drain', done));
}
file.end();
