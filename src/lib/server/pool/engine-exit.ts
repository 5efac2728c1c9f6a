import { AppError } from '../errors.ts';

/** How an engine ended. */
export type EngineExit = {
	code: number | null;
	signal: string | null;
	/** it did not answer and was killed for it */
	stuck: boolean;
	/** the last lines it wrote, most often the only reason there is; without folders */
	lastLines: string;
};

/** In words: "SIGABRT", "exit code 3", "no answer". */
export const exitReason = (exit: EngineExit): string => (exit.stuck ? 'it did not answer' : (exit.signal ?? `exit code ${exit.code}`));

/** Whether the end says something about the file: a kill from outside does not. */
export const isFilesFault = (exit: EngineExit): boolean => exit.stuck || !['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'].includes(exit.signal ?? '');

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
