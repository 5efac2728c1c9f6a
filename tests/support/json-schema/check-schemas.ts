/** Asks a random model for documents of random schemas, and lets a standard validator judge them. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsOf from 'ajv-formats';
import type { Engine } from '#lib/server/pool/engine/protocol.ts';
import { readAnswer } from '../answer.ts';
import { randomSchema, type Schema } from './random-schema.ts';

const addFormats = addFormatsOf as unknown as typeof addFormatsOf.default;

export type SchemaTally = { asked: number; complete: number; cut: number; invalid: { seed: number; schema: Schema; text: string; why: string }[] };

/** One for all schemas: a new one reads the standard's own schemas first, which takes longer than most of ours. */
const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true, multipleOfPrecision: 9 }));

/** Whether a text is a document of the schema: undefined, or why it is none. */
export function faultOf(schema: Schema, text: string): string | undefined {
	try {
		const value: unknown = JSON.parse(text);
		const isValid = ajv.compile(schema);
		return isValid(value) ? undefined : ajv.errorsText(isValid.errors);
	} catch (error) {
		return String(error);
	} finally {
		ajv.removeSchema(schema);
	}
}

/** ids of the test model's tokens for one byte each: the byte itself. They are made likely, that a random answer ends. */
const closing = Object.fromEntries(['"', '}', ']', ','].map((letter) => [String(letter.charCodeAt(0)), 5]));

/** `seeds`: one schema and one answer each, `atOnce` of them in parallel. */
export async function checkSchemas(engine: Engine, seeds: readonly number[], atOnce: number): Promise<SchemaTally> {
	const tally: SchemaTally = { asked: 0, complete: 0, cut: 0, invalid: [] };
	const waiting = [...seeds];
	async function work(): Promise<void> {
		for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
			const schema = randomSchema(seed);
			const options = { temperature: 1.2, maxTokens: 500, seed, logitBias: closing, responseFormat: { type: 'json_schema' as const, json_schema: { name: 'random', schema } } };
			const request = { messages: [{ role: 'user' as const, content: `number ${seed}` }], options };
			const { text, finish } = await readAnswer(engine.generate(request, new AbortController().signal));
			tally.asked++;
			if (finish === 'length') tally.cut++;
			const why = finish === 'stop' ? faultOf(schema, text) : finish === 'length' ? undefined : `it ended with ${finish}`;
			if (why !== undefined) tally.invalid.push({ seed, schema, text, why });
			else if (finish === 'stop') tally.complete++;
		}
	}
	await Promise.all(Array.from({ length: atOnce }, work));
	return tally;
}
