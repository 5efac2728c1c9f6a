export type JsonSchema = { [key: string]: unknown };

const list = (value: unknown): JsonSchema[] => (Array.isArray(value) ? (value as JsonSchema[]) : []);
const nameOf = (reference: string) => reference.slice(reference.lastIndexOf('/') + 1);

/** What bounds a value, in words of mathematics: read alike in every language. */
function bounds(schema: JsonSchema): string[] {
	const range = (min: unknown, max: unknown, unit: string) => (min === undefined && max === undefined ? [] : [`${min === undefined ? '' : `${String(min)} ≤ `}${unit}${max === undefined ? '' : ` ≤ ${String(max)}`}`]);
	return [
		...(typeof schema.format === 'string' ? [schema.format] : []),
		...range(schema.minimum ?? schema.exclusiveMinimum, schema.maximum ?? schema.exclusiveMaximum, 'x'),
		...range(schema.minLength, schema.maxLength, 'length'),
		...range(schema.minItems, schema.maxItems, 'items'),
		...(schema.default === undefined ? [] : [`= ${JSON.stringify(schema.default)}`])
	];
}

/** A member's schema and, where it may be null beside one type alone, that type's: what is said of either is said of the member. */
const speaking = (schema: JsonSchema): JsonSchema[] => {
	const options = list(schema.anyOf).filter(({ type }) => type !== 'null');
	return options.length === 1 ? [schema, options[0]!] : [schema];
};
const wordsOf = (schema: JsonSchema): string[] => speaking(schema).flatMap(({ description }) => (typeof description === 'string' ? [description] : []));
const boundsOf = (schema: JsonSchema): string => {
	const parts = speaking(schema).flatMap(bounds);
	return parts.length ? ` // ${parts.join('; ')}` : '';
};

/** A JSON Schema as a person reads it: TypeScript's notation, references opened, a member's words above it and its bounds behind. */
export function schemaText(schema: JsonSchema, schemas: Record<string, JsonSchema>): string {
	function object(whole: JsonSchema, tab: string, open: readonly string[]): string {
		const required = new Set(Array.isArray(whole.required) ? (whole.required as string[]) : []);
		const properties = Object.entries((whole.properties ?? {}) as Record<string, JsonSchema>);
		const further = whole.additionalProperties as JsonSchema | boolean | undefined;
		if (!properties.length) return typeof further === 'object' && Object.keys(further).length ? `{ [name]: ${text(further, tab, open)} }` : '{ … }';
		const lines = properties.flatMap(([name, member]) => [
			...wordsOf(member).map((words) => `${tab}  // ${words}`),
			`${tab}  ${/^[\w$]+$/.test(name) ? name : JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${text(member, `${tab}  `, open)},${boundsOf(member)}`
		]);
		return `{\n${lines.join('\n')}\n${tab}}`;
	}

	function text(part: JsonSchema, tab: string, open: readonly string[]): string {
		if (typeof part.$ref === 'string') {
			const name = nameOf(part.$ref);
			const target = schemas[name];
			return target && !open.includes(name) ? text(target, tab, [...open, name]) : name;
		}
		const options = [...list(part.anyOf), ...list(part.oneOf)];
		if (options.length) return [...new Set(options.map((option) => text(option, tab, open)))].join(' | ');
		if ('const' in part) return JSON.stringify(part.const);
		if (Array.isArray(part.enum)) return part.enum.map((value) => JSON.stringify(value)).join(' | ');
		if (Array.isArray(part.type)) return part.type.map((type: string) => text({ ...part, type }, tab, open)).join(' | ');
		if (part.type === 'array') {
			const items = text((part.items ?? {}) as JsonSchema, tab, open);
			return / \| /.test(items) && !items.includes('\n') ? `(${items})[]` : `${items}[]`;
		}
		if (part.type === 'object') return object(part, tab, open);
		return typeof part.type === 'string' ? part.type : 'any';
	}

	return text(schema, '', []);
}
