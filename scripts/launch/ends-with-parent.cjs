// Loaded into every program that the launcher starts: it ends when the launcher is gone, however that died (also by SIGKILL).
if (process.channel) {
	process.on('disconnect', () => {
		setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000).unref();
		if (!process.emit('SIGTERM', 'SIGTERM')) process.kill(process.pid, 'SIGTERM'); // a signal to oneself is a plain kill on Windows
	});
	process.channel.unref();
	// What the launcher gave Node is for this program alone: its children have their own parent to follow.
	process.execArgv = [];
}
