/** A model's name from its file: "/models/qwen3-4b-q4_k_m.gguf" → "qwen3-4b-q4_k_m". Both kinds of slashes; part one of a split file loses its number. */
export function nameFromPath(path: string): string {
	const file = path.trim().split(/[\\/]/).at(-1) ?? '';
	return file.replace(/\.gguf$/i, '').replace(/-00001-of-\d{5}$/, '');
}
