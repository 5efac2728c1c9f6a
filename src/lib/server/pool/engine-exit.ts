import { AppError } from '../errors.ts';

/** How an engine ended. */
export type EngineExit = {
	code: number | null;
	signal: string | null;
	/** it did not answer and was killed for it */
	stuck: boolean;
	/** its process had been stopped from outside, which is why it did not answer */
	frozen?: boolean;
	/** what it wrote about it, most often the only reason there is; without folders */
	lastLines: string;
};

/** In words: "SIGABRT", "exit code 3", "no answer". */
export const exitReason = (exit: EngineExit): string => (exit.frozen ? 'it was stopped and did not answer' : exit.stuck ? 'it did not answer' : (exit.signal ?? `exit code ${exit.code}`));

/** The lines of an engine's last output that say why it ended, without folders: clients see them. */
export function reasonIn(output: string): string {
	const lines = output.replace(/(?:file:\/\/)?(?:\/|\b[A-Za-z]:\\)[^\s'":]*[\\/]/g, '').split('\n').map((line) => line.trim()).filter(Boolean);
	const telling = lines.filter((line) => /assert|error|fail|abort|terminate|exception|memory/i.test(line));
	return (telling.length > 0 ? telling : lines).slice(-4).join('\n');
}

/** Whether the end says something about the file: a kill from outside does not. */
export const isFilesFault = (exit: EngineExit): boolean => !exit.frozen && (exit.stuck || !['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'].includes(exit.signal ?? ''));

/** The engine ended while it was needed. */
export class EngineCrash extends AppError {
	readonly exit: EngineExit;

	constructor(exit: EngineExit) {
		super('ENGINE_CRASHED', `The model's engine ended unexpectedly (${exitReason(exit)}); it is being started again, send the request once more`, {
			details: exit.lastLines || undefined
		});
		this.exit = exit;
	}
}
