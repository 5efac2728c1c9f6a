import { AppError } from '../../../errors.ts';

/** What a grammar cannot express is refused by its name and place, never left out. `place`: a JSON pointer into the schema, "#" = all of it. */
export function refuse(place: string, what: string): never {
	throw new AppError('UNSUPPORTED_PARAMETER', `The JSON schema cannot be enforced by models that run in this server: ${what} (at ${place.slice(0, 300)})`);
}
