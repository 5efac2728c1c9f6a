import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the socket knows of a request; see src/edge.js. */
export type EdgeFacts = {
	/** fires when the client leaves before the response was sent whole; Kit's own request signal does not */
	gone: AbortSignal;
	/** makes `gone` fire for another reason. One signal a request: joining several costs more than all else in it */
	leave: () => void;
	ip: string;
	/** the request came with Forwarded or X-Forwarded-* headers */
	forwarded: boolean;
	/** why the edge refused it, when it did */
	refusal: string | undefined;
	/** called once the response has ended, sent whole or not; without its head the client left before there was an answer */
	closed: ((headSent: boolean) => void)[];
};

/** What the socket knows of an upgrade, which meets no listener for requests. */
export type PeerFacts = { ip: string; protocol: 'http' | 'https'; forwarded: boolean };

/** What the entry and the app hand each other through globalThis: they are two module graphs. */
export type Bridge = {
	requests: Map<string, EdgeFacts>;
	/** the project's folder */
	root?: string;
	/** the port and the address really listened on; no address while that is not known, or on a socket file */
	port?: number;
	address?: string;
	/** number of proxies in front whose word is taken */
	trustProxy?: number;
	/** called once with the address really bound */
	listening?: (address: AddressInfo | string | null) => void;
	upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, peer: PeerFacts) => void;
	clientError?: (error: Error, socket: Duplex) => void;
	/** stops everything that was started; resolves when all of it has stopped */
	stop?: (reason: string) => Promise<void>;
};

const key = Symbol.for('llama-runner.bridge');
const holder = globalThis as unknown as Record<symbol, Bridge>;

export const bridge: Bridge = (holder[key] ??= { requests: new Map() });
