// 1,000 clients of /api/websocket for two minutes: status every 2 s with under 10 % of one core, no lost frame; one that stops reading is dropped within 30 s.
import { watchLiveClients } from '../../tests/support/live-clients.ts';

const { clients, seconds, frames, cpu, memory, stalledGoneAfter } = await watchLiveClients(1000, 120);
console.log(`| ${clients} clients, ${seconds} s | |
|---|---:|
| status frames a client, fewest and most | ${frames.least} and ${frames.most} of ${frames.expected} |
| CPU of the server, of one core | ${cpu.serving.toFixed(1)} % (idle ${cpu.idle.toFixed(1)} %) |
| memory of the server, before and after | ${memory.before.toFixed(0)} and ${memory.after.toFixed(0)} MiB |
| a client that stopped reading was dropped after | ${stalledGoneAfter === null ? 'never' : `${stalledGoneAfter.toFixed(1)} s`} |`);
process.exitCode = frames.least === frames.expected && frames.most === frames.expected && cpu.serving < 10 && stalledGoneAfter !== null && stalledGoneAfter < 30 ? 0 : 1;
