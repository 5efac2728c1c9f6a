import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Stop, writeProblem } from './place.js';
import { run } from './process.js';

const cli = 'node_modules/npm/bin/npm-cli.js';

/** The machine's npm as a script, so that the Node of our choice can run it. */
function npmCli() {
	const folders = [dirname(process.execPath), ...(process.env.PATH || process.env.Path || '').split(delimiter)];
	const candidates = [process.env.npm_execpath || '', ...folders.flatMap((folder) => [join(folder, cli), join(folder, '../lib', cli), join(folder, 'npm')])];
	for (const candidate of candidates) {
		const path = existsSync(candidate) ? realpathSync(candidate) : '';
		if (path.endsWith('npm-cli.js')) return path;
	}
	throw new Stop('npm was not found. Install Node with npm from https://nodejs.org and run the command again.');
}

const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EPIPE|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;
const distrusted =
	/\b(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_HAS_EXPIRED)\b/;

/** npm only warns when it can't write a file of a package, and reports success. */
const halfWritten = /TAR_ENTRY_ERROR (E[A-Z]+)/;

/** npm's own account of a failure as one message with the next step. */
function explain(output, purpose) {
	const code = (/npm (?:error|ERR!) code (\S+)/.exec(output) || halfWritten.exec(output) || [])[1] || '';
	const failed = `${purpose} failed`;
	if (writeProblem(code)) return `${failed}: ${writeProblem(code)}`;
	const offline = unreachable.exec(code) || (!code && unreachable.exec(output));
	if (offline) {
		const host = (/request to (https?:\/\/[^/\s]+)/.exec(output) || [])[1];
		return `${failed}: the package registry${host ? ` ${host}` : ''} can't be reached (${offline[1]}). Connect to the network (or set npm's "proxy" or "registry") and run the command again.`;
	}
	const certificate = distrusted.exec(output);
	if (certificate)
		return `${failed}: the registry's certificate is not trusted (${certificate[1]}). Set NODE_EXTRA_CA_CERTS to your network's certificate and run the command again.`;
	if (code === 'EUSAGE') return `${failed}: package-lock.json does not fit package.json. Run "npm install" and commit the lockfile.`;
	return `${failed}${code ? ` (${code})` : ''}:\n${output.trim().split('\n').slice(-15).join('\n')}`;
}

/**
 * Runs npm under the Node that runs this, silently. `purpose` begins the message of a failure ("Installing the packages").
 * NODE_ENV=production in the environment would leave out what the build needs. A dead network is given up after some 7 s.
 */
export async function npm(args, purpose) {
	const network = ['--prefer-offline', '--fetch-retries=3', '--fetch-retry-factor=2', '--fetch-retry-mintimeout=1000'];
	const quiet = ['--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--loglevel=warn'];
	const anyNode = '--engine-strict=false'; // what the packages want is the Node that is being fetched, whatever the user's own setting is
	const { code, output } = await run(process.execPath, npmCli(), [...args, anyNode, ...network, ...quiet], { env: { NODE_ENV: undefined }, capture: true });
	if (code !== 0 || halfWritten.test(output)) throw new Stop(explain(output, purpose));
}

/** Runs a script of package.json under `node`, as `run` does. */
export function npmRun(node, script) {
	return run(node, npmCli(), ['run', '--silent', script], { env: { NODE_ENV: undefined }, capture: true });
}
