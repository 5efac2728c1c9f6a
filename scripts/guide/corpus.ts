/**
 * Writes what the guide learns from: WORK/answers.json and WORK/dialogues.jsonl, and WORK/heldout.json, what it is examined with.
 *     node scripts/guide/corpus.ts WORK [dialogues] [seed]
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTeacher } from './teacher.ts';
import { heldOutQuestions } from './held-out.ts';

const [work = 'work', count = '400000', seed = '1'] = process.argv.slice(2);
mkdirSync(work, { recursive: true });
const teacher = createTeacher(Number(seed));
writeFileSync(join(work, 'answers.json'), JSON.stringify(teacher.answers.map(({ name, language, text }) => ({ name: `${name}/${language}`, text }))));
writeFileSync(join(work, 'heldout.json'), JSON.stringify(heldOutQuestions(), null, '\t'));
const file = createWriteStream(join(work, 'dialogues.jsonl'));
for (let i = 0; i < Number(count); i++) {
	if (!file.write(`${JSON.stringify(teacher.dialogue())}\n`)) await new Promise((done) => file.once('drain', done));
}
file.end();
