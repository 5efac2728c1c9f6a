import { bridge } from '../bridge.ts';
import { env } from '../env.ts';
import { currentAccess, isLoopback, type Access } from './access.ts';
import { withDefaultPassword } from './administrator.ts';

export type Exposure = {
	access: Access;
	/** API_ACCESS as it is set */
	setting: 'auto' | 'open' | 'authenticated';
	/** the address really bound */
	address: string | undefined;
	/** what is unsafe about it */
	warnings: ('defaultPassword' | 'openOnNetwork')[];
};

/** Who the server is open to, for the log at boot and the Settings page. */
export function exposure(): Exposure {
	const { address } = bridge;
	const access = currentAccess();
	const warnings: Exposure['warnings'] = [];
	if (withDefaultPassword()) warnings.push('defaultPassword');
	if (access === 'open' && address !== undefined && !isLoopback(address)) warnings.push('openOnNetwork');
	return { access, setting: env().apiAccess, address, warnings };
}
