import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { problemOf } from '../../contract/errors.ts';

/** What Node refuses before any listener sees a request (oversized headers, broken HTTP), in the one error body. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
	if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
	const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
	const requestId = randomUUID();
	const message = status === 431 ? 'The request headers are larger than 16 KiB' : 'The request is not valid HTTP';
	const problem = problemOf({ code: 'VALIDATION_ERROR', message }, requestId, status);
	const body = JSON.stringify(problem);
	socket.end(`HTTP/1.1 ${status} ${problem.title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`);
}
