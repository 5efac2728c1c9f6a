// Loaded into every program that the launcher starts: it ends when the launcher is gone, however that died (also by SIGKILL).
if (process.channel) {
	process.on('disconnect', () => {
		setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000).unref();
		if (!process.emit('SIGTERM', 'SIGTERM')) process.kill(process.pid, 'SIGTERM'); // a signal to oneself is a plain kill on Windows
	});
	process.channel.unref();
	// Children of this program have their own parent to follow.
	process.execArgv = process.execArgv.filter((arg, i, all) => arg !== __filename && !(arg === '--require' && all[i + 1] === __filename));
}
