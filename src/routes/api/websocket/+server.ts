import { AppError } from '#lib/server/errors.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(() => {
	throw new AppError('UPGRADE_REQUIRED', 'This is a WebSocket: connect to it with ws:// or wss://', { headers: { upgrade: 'websocket', connection: 'Upgrade' } });
});
