/** Kills the server with SIGKILL at random moments during chats. Argument: kills (200). Held: everything it had acknowledged is there afterwards, and it always starts. */
import { createRandom } from '../../tests/support/gguf/random.ts';
import { killNine } from '../../tests/support/soak/kill-nine.ts';

const seed = Date.now() % 2 ** 31;
const { lost, ...counts } = await killNine(Number(process.argv[2] ?? 200), createRandom(seed, 'kill-nine'));
console.log('| what | how many |\n|---|---:|');
for (const [what, count] of Object.entries({
	'kills (SIGKILL)': counts.kills, 'chats cut by them': counts.cut, 'conversations acknowledged': counts.conversations, 'questions acknowledged': counts.questions, 'replies acknowledged': counts.replies, 'of these lost': lost.length
})) console.log(`| ${what} | ${count} |`);
console.log(`\nSeed ${seed}.`);
for (const one of lost.slice(0, 20)) console.log(`- ${one}`);
process.exitCode = lost.length === 0 && counts.replies > 0 ? 0 : 1;
