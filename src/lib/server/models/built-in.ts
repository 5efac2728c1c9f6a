import { join } from 'node:path';
import { env } from '../env.ts';

/** The one model that comes with the program; scripts/guide/ makes it. Its file stays where it is: rows of the registry point to it. */
export const builtInModelPath = (): string => join(env().root, 'src/lib/server/guide/guide.gguf');
