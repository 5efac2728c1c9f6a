/** What Kit calls in process meets no socket: by the request's id it is known as the same caller. The session is named by the browser. */
export const sameCaller = ({ headers }: Request) => ({ 'x-request-id': headers.get('x-request-id') ?? '', 'user-agent': headers.get('user-agent') ?? '' });
