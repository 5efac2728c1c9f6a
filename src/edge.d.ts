export { bridge } from './lib/server/bridge.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
export declare function edge(request: IncomingMessage, response: ServerResponse): void;
