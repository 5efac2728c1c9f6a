import type { Plugin } from 'vite';
import { bridge, edge, peerOf } from '../src/edge.js';

/** Gives `vite dev` what `src/server.js` gives the build: the edge, WebSocket upgrades and a graceful stop. */
export function devServer(): Plugin {
	return {
		name: 'llama-runner-dev',
		apply: (_config, { command, mode }) => command === 'serve' && mode !== 'test' && !process.env.VITEST,
		configureServer(server) {
			bridge.root = server.config.root;
			server.middlewares.use((request, response, next) => {
				edge(request, response);
				next();
			});
			const http = server.httpServer;
			http?.on('upgrade', (request, socket, head) => {
				// Vite's own socket speaks the vite-hmr protocol; everything else is the app's.
				if (request.headers['sec-websocket-protocol']?.startsWith('vite-')) return;
				bridge.upgrade?.(request, socket, head, peerOf(request));
			});
			http?.once('listening', () => {
				const address = http.address();
				// Kit boots on the first request; ask for one, so that the engine pool and upgrades are there.
				if (address && typeof address === 'object')
					void fetch(`http://127.0.0.1:${address.port}/health/live`).then(
						() => bridge.listening?.(address),
						() => undefined
					);
			});
			http?.once('close', () => void bridge.stop?.('SIGTERM'));
		}
	};
}
