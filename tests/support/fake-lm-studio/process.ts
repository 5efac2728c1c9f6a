/** The fake's process: the port and the behaviour as arguments; its port as the first message. */
import type { AddressInfo } from 'node:net';
import type { Behaviour } from './behaviour.ts';
import { makeFake } from './server.ts';

const [port = '0', behaviour = '{}'] = process.argv.slice(2);
const { server } = makeFake(JSON.parse(behaviour) as Partial<Behaviour>);
server.listen(Number(port), '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
