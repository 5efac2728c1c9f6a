export { bridge } from './lib/server/bridge.ts';
import type { PeerFacts } from './lib/server/bridge.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
export declare function edge(request: IncomingMessage, response: ServerResponse): void;
/** What the socket knows of a request or an upgrade. Call it before the headers are touched. */
export declare function peerOf(request: IncomingMessage): PeerFacts;
