import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, whatever the working directory is. */
export const root = resolve(fileURLToPath(import.meta.url), '../../..');

/** What the launcher fetches for itself (Node, the tests' browser), its lock and the reports of the tests. Safe to delete. */
export const runtimeDir = join(root, '.runtime');

/** Ends the launcher with one message that says what is wrong and what to do next. Where our code came upon it is nobody's concern. */
export class Stop extends Error {
	constructor(message) {
		super(message);
		this.stack = message;
	}
}

export const say = (message) => console.log(message);

/** What is wrong when the folder can't be written, by the system's error code; undefined for any other error. */
export function writeProblem(code) {
	if (['EACCES', 'EPERM', 'EROFS'].includes(code))
		return `${root} can't be written (${code}). Make the folder writable for this user, or copy it to one that is.`;
	if (['ENOSPC', 'EDQUOT'].includes(code)) return `The disk is full (${code}). Free about 2 GB for ${root} and run the command again.`;
	return undefined;
}

/** Refuses early, before anything is downloaded, when the checkout can't be written. */
export function requireWritable() {
	try {
		mkdirSync(runtimeDir, { recursive: true });
		for (const folder of [root, runtimeDir]) accessSync(folder, constants.W_OK);
	} catch (error) {
		throw new Stop(writeProblem(error.code) || error.message);
	}
}
