// 500 streamed chats while one of two upstream twins dies at random: none answered twice, none mixed, and those that had not begun go on elsewhere.
import { soakUpstreamTwins, twinsHeld } from '../../tests/support/upstream-twins.ts';

const seed = Date.now();
const report = await soakUpstreamTwins(500, seed);
console.log('| streamed chats | |\n|---|---:|');
for (const [outcome, count] of Object.entries(report.outcomes)) console.log(`| ${outcome} | ${count} |`);
console.log(`\nA twin died ${report.deaths} times (seed ${seed}); ${report.faults.length} answers were mixed, told twice or broken without an error.`);
for (const fault of report.faults.slice(0, 20)) console.log(`- ${fault}`);
process.exitCode = twinsHeld(report) ? 0 : 1;
