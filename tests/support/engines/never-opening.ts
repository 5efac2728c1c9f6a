/** Stands in for an engine whose load does not come to an end. */
process.on('message', () => undefined);
process.on('disconnect', () => process.exit(0));
