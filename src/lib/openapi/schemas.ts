import { z } from 'zod';
import { chatMessageSchema, chatRequestSchema, toolCallSchema, toolSchema } from '../contract/chat.ts';
import { detokenizeRequestSchema, embeddingsRequestSchema, rerankRequestSchema, tokenizeRequestSchema } from '../contract/embeddings.ts';
import { problemSchema } from '../contract/errors.ts';
import { loginSchema } from '../contract/identity.ts';
import { csrfAnswerSchema, loginAnswerSchema } from '../contract/rest/auth.ts';
import { configChangedSchema, configChangeSchema, configSchema } from '../contract/rest/config.ts';
import { conversationDetailSchema, conversationListSchema, conversationSchema, newConversationSchema } from '../contract/rest/conversations.ts';
import { chatErrorFrameSchema, errorBodySchema, openAiErrorSchema, problemDetailsSchema } from '../contract/rest/errors.ts';
import { livenessSchema, readinessSchema } from '../contract/rest/health.ts';
import { discoveredSchema, discoverySchema, openAiModelListSchema, registeredSchema, registrationSchema, registryModelListSchema } from '../contract/rest/models.ts';
import { errorFrameSchema, logsFrameSchema, monitoringHistorySchema, monitoringNowSchema, statusFrameSchema } from '../contract/rest/monitoring.ts';
import { parameterCategoriesSchema, parameterCategorySchema, parameterChangeSchema, parameterValueSchema } from '../contract/rest/parameters.ts';
import { chatChunkSchema, chatCompletionSchema, contentChunkSchema, usageSchema } from '../contract/v1/chat.ts';
import { detokenizedSchema, embeddingListSchema, rerankListSchema, tokenizedSchema } from '../contract/v1/embeddings.ts';
import { v1ModelListSchema, v1ModelSchema } from '../contract/v1/models.ts';
import { v1ChatRequestSchema } from './v1.ts';

/** The schemas that have a name in the document. */
export const named: Record<string, z.ZodType> = {
	ChatChunk: chatChunkSchema,
	ChatCompletion: chatCompletionSchema,
	ChatCompletionRequest: v1ChatRequestSchema,
	ChatErrorFrame: chatErrorFrameSchema,
	ChatMessage: chatMessageSchema,
	ChatRequest: chatRequestSchema,
	Config: configSchema,
	ConfigChange: configChangeSchema,
	ConfigChanged: configChangedSchema,
	ContentChunk: contentChunkSchema,
	Conversation: conversationSchema,
	ConversationDetail: conversationDetailSchema,
	ConversationList: conversationListSchema,
	CsrfToken: csrfAnswerSchema,
	DetokenizeRequest: detokenizeRequestSchema,
	Detokenized: detokenizedSchema,
	Discovered: discoveredSchema,
	Discovery: discoverySchema,
	EmbeddingList: embeddingListSchema,
	EmbeddingsRequest: embeddingsRequestSchema,
	ErrorBody: errorBodySchema,
	ErrorFrame: errorFrameSchema,
	Liveness: livenessSchema,
	Login: loginSchema,
	LoginAnswer: loginAnswerSchema,
	LogsFrame: logsFrameSchema,
	Model: v1ModelSchema,
	ModelList: v1ModelListSchema,
	ModelRegistration: registrationSchema,
	ModelsRegistered: registeredSchema,
	MonitoringHistory: monitoringHistorySchema,
	MonitoringNow: monitoringNowSchema,
	NewConversation: newConversationSchema,
	OpenAiError: openAiErrorSchema,
	OpenAiModelList: openAiModelListSchema,
	ParameterCategories: parameterCategoriesSchema,
	ParameterCategory: parameterCategorySchema,
	ParameterChange: parameterChangeSchema,
	ParameterValue: parameterValueSchema,
	Problem: problemSchema,
	ProblemDetails: problemDetailsSchema,
	Readiness: readinessSchema,
	RegistryModelList: registryModelListSchema,
	RerankList: rerankListSchema,
	RerankRequest: rerankRequestSchema,
	StatusFrame: statusFrameSchema,
	TokenizeRequest: tokenizeRequestSchema,
	Tokenized: tokenizedSchema,
	Tool: toolSchema,
	ToolCall: toolCallSchema,
	Usage: usageSchema
};

export type JsonSchema = Record<string, unknown>;
const reference = (name: string) => `#/components/schemas/${name}`;

const registry = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(named)) registry.add(schema, { id: name });

/** What zod's plain `int()` adds says nothing to a reader. */
const unbounded = ({ jsonSchema }: { jsonSchema: JsonSchema }) => {
	if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
	if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};
const settings = { io: 'input', unrepresentable: 'any', override: unbounded } as const;

/** Every named schema as JSON Schema 2020-12. As input: an answer may always have more members than are documented. */
export function schemaComponents(): Record<string, JsonSchema> {
	const { schemas } = z.toJSONSchema(registry, { ...settings, uri: reference }) as { schemas: Record<string, JsonSchema> };
	return Object.fromEntries(Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]));
}

/** A schema where it is used: by its name when it has one. */
export function schemaOf(schema: z.ZodType): JsonSchema {
	const id = registry.get(schema)?.id;
	if (id) return { $ref: reference(id) };
	if (schema instanceof z.ZodUnion) return { anyOf: schema.options.map((option) => schemaOf(option as z.ZodType)) };
	const { $schema: _dialect, ...whole } = z.toJSONSchema(schema, settings) as JsonSchema;
	return whole;
}
