/** Stands in for an engine that a hostile file brings down: it ends as llama.cpp's failed assertion does, whatever it is told. */
process.on('message', () => {
	process.stderr.write('GGML_ASSERT(n_head > 0) failed\n');
	process.abort();
});
