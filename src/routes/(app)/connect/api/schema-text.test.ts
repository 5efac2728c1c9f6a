import { describe, expect, it } from 'vitest';
import { openApiDocument } from '#lib/openapi/document.ts';
import { schemaText } from './schema-text.ts';

const { schemas } = openApiDocument('1').components;
const shown = (name: string) => schemaText({ $ref: `#/components/schemas/${name}` }, schemas);

describe('schemaText', () => {
	it('writes what is there, what may be absent, and what bounds it', () => {
		expect(shown('MonitoringNow')).toBe(
			[
				'{',
				'  // Percent, over the last two seconds.',
				'  cpu: number, // 0 ≤ x ≤ 100',
				'  memory: number, // 0 ≤ x ≤ 100',
				'  // Local models that are loaded.',
				'  activeModels: integer,',
				'  // Requests to /api and /v1 since the start.',
				'  totalRequests: integer,',
				'  // Seconds since the start.',
				'  uptime: integer,',
				'}'
			].join('\n')
		);
		expect(schemaText({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, {})).toBe('(string | null)[]');
	});

	it('opens references, lists and choices', () => {
		expect(shown('ConversationList')).toContain('createdAt: string, // date-time');
		expect(shown('RegistryModelList')).toContain('status: "running" | "stopped" | "loading" | "error",');
		expect(shown('ChatRequest')).toContain('temperature?: number | null, // 0 ≤ x ≤ 2');
		expect(shown('ChatRequest')).toContain('role: "system" | "developer" | "user" | "assistant" | "tool",');
	});

	it('ends where a schema holds itself', () => {
		const tree = { type: 'object', properties: { next: { $ref: '#/components/schemas/Tree' } } };
		expect(schemaText({ $ref: '#/components/schemas/Tree' }, { Tree: tree })).toBe('{\n  next?: Tree,\n}');
	});

	it('says something of every schema of the document', () => {
		for (const name of Object.keys(schemas)) expect(shown(name)).not.toMatch(/undefined|\[object/);
	});
});
