/** For the Node that runs the server: new objects get 8 MB at once instead of growing from 1 MB, a sixth less work until it listens for 3 MB of memory. */
export const nodeArgs = ['--min-semi-space-size=8'];
