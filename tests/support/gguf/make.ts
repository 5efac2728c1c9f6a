/** Makes a model by hand: `node tests/support/gguf/make.ts OUT.gguf [--preset tiny] [--script "Hello there."] …` */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { brokenModels, brokenModelNames } from './broken.ts';
import { chatTemplates } from './chat-templates.ts';
import { buildModel, poolingTypes, type ModelOptions } from './model.ts';
import { presets } from './presets.ts';
import { tensorTypes } from './tensor-types.ts';
import { writeGguf } from './writer.ts';

const usage = `node tests/support/gguf/make.ts OUT.gguf [options]
  --preset    ${Object.keys(presets).join(' | ')}
  --type      ${Object.keys(tensorTypes).join(' | ')}
  --script    the one answer that the model gives; without it: random text without end
  --loop      the answer begins again instead of ending
  --bytewise  letters beyond ASCII come byte by byte
  --dialect   chatml | llama3
  --template  ${Object.keys(chatTemplates).join(' | ')} | none | a file
  --pooling   ${Object.keys(poolingTypes).join(' | ')}
  --seed N  --context TOKENS  --name TEXT  --description TEXT  --version TEXT  --size-label TEXT  --architecture NAME
  --broken    ${brokenModelNames.join(' | ')}`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const optionTypes = {
	...{ preset: text, type: text, script: text, dialect: text, template: text, pooling: text, seed: text, context: text, name: text },
	...{ description: text, version: text, 'size-label': text, architecture: text, broken: text, loop: flag, bytewise: flag, help: flag }
};

function oneOf<T extends string>(option: string, given: string | undefined, known: readonly T[]): T | undefined {
	if (given === undefined || (known as readonly string[]).includes(given)) return given as T | undefined;
	throw new Error(`--${option} is one of ${known.join(', ')}, not ${given}`);
}
const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];
function number(option: string, given: string | undefined): number | undefined {
	if (given === undefined || /^\d+$/.test(given)) return given === undefined ? undefined : Number(given);
	throw new Error(`--${option} is a number, not ${given}`);
}
function templateOf(given: string | undefined): string | null | undefined {
	if (given === undefined) return undefined;
	return given === 'none' ? null : given in chatTemplates ? chatTemplates[given as keyof typeof chatTemplates] : readFileSync(given, 'utf8');
}

function make(argv: string[]): string {
	const { values: given, positionals } = parseArgs({ args: argv, allowPositionals: true, options: optionTypes });
	const [path, ...more] = positionals;
	if (given.help || path === undefined || more.length > 0) return usage;
	const broken = oneOf('broken', given.broken, brokenModelNames);
	const options: ModelOptions = {
		preset: oneOf('preset', given.preset, keys(presets)),
		type: oneOf('type', given.type, keys(tensorTypes)),
		dialect: oneOf('dialect', given.dialect, ['chatml', 'llama3']),
		template: templateOf(given.template),
		pooling: oneOf('pooling', given.pooling, keys(poolingTypes)),
		seed: number('seed', given.seed),
		contextLength: number('context', given.context),
		name: given.name,
		description: given.description,
		version: given.version,
		sizeLabel: given['size-label'],
		architecture: given.architecture,
		script: given.script === undefined ? undefined : { sentence: given.script, loop: given.loop, bytewise: given.bytewise }
	};
	if (broken) writeFileSync(path, brokenModels[broken].bytes());
	else writeGguf(path, buildModel(options));
	return `${path}: ${statSync(path).size} bytes`;
}

try {
	process.stdout.write(`${make(process.argv.slice(2))}\n`);
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
	process.exitCode = 1;
}
