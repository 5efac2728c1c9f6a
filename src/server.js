import { enableCompileCache } from 'node:module';
import { Server } from 'node:net';
import { resolve } from 'node:path';
import { setImmediate as nextRound, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bridge, edge, peerOf } from './edge.js';

// The production entry. Plain JavaScript: it imports the build and nothing of src/lib, which would be a second instance.
bridge.root = resolve(fileURLToPath(import.meta.url), '../..');
enableCompileCache(resolve(bridge.root, 'build/compiled/server')); // where it can't be written, each start compiles
process.env.NODE_ENV ??= 'production';
process.env.HOST ||= '127.0.0.1'; // adapter-node listens on 0.0.0.0 when HOST is unset
process.env.PORT ||= '3000';
process.env.BODY_SIZE_LIMIT = String(10 * 1024 * 1024 + 1); // ours answers first, at 10 MiB
process.env.PROTOCOL_HEADER = 'x-forwarded-proto'; // edge.js sets it from the socket: adapter-node believes in https otherwise

// The launcher's death ends the server, also while it boots: no orphans.
if (process.send) process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));

/** Ends the process with one line that says what is wrong and what to do. */
function refuse(message) {
	console.error(message);
	process.exit(1);
}

const listenFailed = (error) => {
	if (error.code === 'EADDRINUSE') refuse(`Port ${process.env.PORT} on ${process.env.HOST} is in use. Stop the other program or set PORT to a free one.`);
	if (error.code === 'EACCES') refuse(`Port ${process.env.PORT} needs more rights. Set PORT to a number above 1023.`);
	if (error.code === 'EADDRNOTAVAIL') refuse(`The address ${process.env.HOST} is not one of this machine's. Set HOST to 127.0.0.1 or to an address of this machine.`);
	throw error;
};

process.once('uncaughtException', listenFailed); // listening fails between the import's end and our next line
const { server } = await import('../build/index.js').catch((error) => {
	if (error.name === 'BootError') refuse(error.message);
	throw error;
});
process.removeListener('uncaughtException', listenFailed);

const http = server.server;
http.prependListener('request', edge);
http.on('error', listenFailed);
http.on('upgrade', (request, socket, head) => bridge.upgrade(request, socket, head, peerOf(request)));
http.on('clientError', (error, socket) => bridge.clientError(error, socket));
http.requestTimeout = 60_000; // a slow body holds its socket for a minute at most
http.keepAliveTimeout = 125_000; // longer than proxies keep theirs (nginx 60 s, Traefik 90 s, Caddy 120 s): closed by us, a socket may be taking their next request

const announce = () => {
	try {
		bridge.listening(http.address());
	} catch (error) {
		refuse(error.message);
	}
};
if (http.listening) announce();
else http.once('listening', announce);

/** Nobody whose connection the system has taken is reset: they are accepted, then the port is closed, and what they ask is answered before anything stops. */
async function stop() {
	for (let round = 0; round < 10; round++) await nextRound(); // each accepts one
	Server.prototype.close.call(http); // the port alone: http's own also ends connections whose first request is still on its way, as adapter-node does
	await sleep(50);
	await bridge.stop().finally(() => process.exit(0));
}

let stopping;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(signal).on(signal, () => (stopping ??= stop()));
