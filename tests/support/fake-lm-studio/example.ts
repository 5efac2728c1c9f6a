export type Schema = { type?: string; properties?: Record<string, Schema>; items?: Schema; enum?: unknown[]; minimum?: number };

/** A document of a simple schema, with these words as its texts: what a model makes up under a grammar. */
export function exampleOf(schema: Schema, words: string): unknown {
	if (schema.enum) return schema.enum[0];
	if (schema.type === 'string') return words;
	if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
	if (schema.type === 'boolean') return true;
	if (schema.type === 'array') return schema.items ? [exampleOf(schema.items, words)] : [];
	return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, exampleOf(member, words)]));
}
