import type { UpstreamModel } from './provider.ts';

/** No upstream is believed to have more; the list is foreign data that every page shows. */
const maxModels = 2000;
const maxIdLength = 300;

type Row = Record<string, unknown>;
const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const words = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '');
const count = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : null);
/** A usable model name: one line without control characters. */
 
const idOf = (value: unknown): string => (typeof value === 'string' && value.length <= maxIdLength && !/[\u0000-\u001f\u007f]/.test(value) ? value.trim() : '');

function rowsOf(rows: unknown, read: (row: Row) => UpstreamModel): UpstreamModel[] | undefined {
	if (!Array.isArray(rows)) return undefined;
	const models = rows.slice(0, maxModels).filter(isRow).map(read).filter((model) => model.id !== '');
	return [...new Map(models.map((model) => [model.id, model])).values()];
}

/** LM Studio's `GET /api/v1/models`: top member `models`, `key` instead of `id`, what is loaded with its own configuration. */
export function readNativeList(body: unknown): UpstreamModel[] | undefined {
	return rowsOf(isRow(body) ? body.models : undefined, (row) => {
		const loaded = Array.isArray(row.loaded_instances) ? row.loaded_instances.filter(isRow) : [];
		const config = isRow(loaded[0]?.config) ? loaded[0].config : {};
		return {
			id: idOf(row.key),
			chats: row.type !== 'embedding',
			loaded: loaded.length > 0,
			contextLength: count(config.context_length) ?? count(row.max_context_length),
			family: words(row.architecture),
			quantization: isRow(row.quantization) ? words(row.quantization.name) : '',
			description: words(row.display_name),
			sizeBytes: count(row.size_bytes),
			created: null
		};
	});
}

/** LM Studio's older `GET /api/v0/models`. */
export function readOlderNativeList(body: unknown): UpstreamModel[] | undefined {
	// The same path may be another program's plain list: only `state` makes it LM Studio's.
	const rows = isRow(body) && Array.isArray(body.data) && body.data.every((row) => isRow(row) && 'state' in row) ? body.data : undefined;
	return rowsOf(rows, (row) => ({
		id: idOf(row.id),
		chats: row.type !== 'embeddings',
		loaded: row.state === 'loaded',
		contextLength: count(row.loaded_context_length) ?? count(row.max_context_length),
		family: words(row.arch),
		quantization: words(row.quantization),
		description: '',
		sizeBytes: null,
		created: null
	}));
}

/** OpenAI's `GET /v1/models`, with the extras of llama-server (`meta`) and vLLM (`max_model_len`) where they are. */
export function readOpenAiList(body: unknown): UpstreamModel[] | undefined {
	return rowsOf(isRow(body) ? body.data : undefined, (row) => {
		const meta = isRow(row.meta) ? row.meta : {};
		return {
			id: idOf(row.id),
			chats: true,
			loaded: null,
			contextLength: count(row.max_model_len) ?? count(row.context_length) ?? count(meta.n_ctx) ?? count(meta.n_ctx_train),
			family: '',
			quantization: '',
			description: '',
			sizeBytes: count(meta.size),
			created: count(row.created)
		};
	});
}
