import type { inferRouterOutputs } from '@trpc/server';
import type { LiveSample } from '#lib/contract/monitoring.ts';
import { formatBytes, formatPercent } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';

/** Parts of one, from which on a person should look. */
const full = { disk: 0.9, memory: 0.95 };

type Outputs = inferRouterOutputs<AppRouter>;
type Warning = Outputs['auth']['access']['warnings'][number];
export type Known = {
	checks: Pick<Outputs['health']['ready']['checks'][number], 'name' | 'status' | 'description'>[];
	warnings: Warning[];
	upstreams: Pick<Outputs['upstreams']['list'][number], 'name' | 'enabled' | 'health' | 'private'>[];
	models: { name: string; status: string; error: string | null }[];
	/** true also while the list is still being read */
	hasChatModel: boolean;
	newest: Pick<LiveSample, 'memory' | 'disks'> | undefined;
	reader: { isAdmin: boolean; mayWatch: boolean; hasDefaultPassword: boolean };
};

/** What is the matter and, with a click, what to do about it. `reload`: the step ends the session of this page. */
export type Concern = { text: string; more?: string | undefined; step?: { label: string; href: string; reload?: true } | undefined };

const partOf = ({ usedBytes, totalBytes }: { usedBytes: number; totalBytes: number }) => usedBytes / totalBytes;

function ofWarning(warning: Warning, { isAdmin, hasDefaultPassword }: Known['reader']): Concern {
	const text = t(`dashboard.attention.${warning}`);
	if (warning === 'openOnNetwork') return { text, step: { label: t('dashboard.step.access'), href: '/settings/access' } };
	if (hasDefaultPassword) return { text, step: { label: t('password.default.change'), href: '/login/password?to=/dashboard', reload: true } };
	return { text, step: isAdmin ? { label: t('dashboard.step.users'), href: '/users' } : undefined };
}

/** What needs a person's attention, the gravest kind first. */
export function concernsOf({ checks, warnings, upstreams, models, hasChatModel, newest, reader }: Known): Concern[] {
	const broken = models.filter(({ status }) => status === 'error');
	const failed = checks.filter(({ name, status }) => status === 'Unhealthy' && name !== 'LM Studio' && !(name === 'Model Pool' && broken.length));
	const logs = reader.mayWatch ? { label: t('nav.logs'), href: '/logs?level=error' } : undefined;
	const getModel = reader.isAdmin ? { label: t('dashboard.step.getModel'), href: '/models?get' } : { label: t('nav.models'), href: '/models' };
	const down = upstreams.filter(({ enabled, health }) => enabled && health === 'down');
	const fullDisks = (newest?.disks ?? []).filter((disk) => partOf(disk) > full.disk);
	return [
		...warnings.map((warning) => ofWarning(warning, reader)),
		...failed.map(({ description }) => ({ text: description, step: logs })),
		...(hasChatModel ? [] : [{ text: t('dashboard.attention.noModel'), step: getModel }]),
		...broken.map(({ name, error }) => ({
			text: t('dashboard.attention.model', { name }),
			more: error ?? undefined,
			step: { label: t('dashboard.step.model'), href: `/models?model=${encodeURIComponent(name)}` }
		})),
		...down.map(({ name, private: known }) => ({
			text: t('dashboard.attention.upstream', { name }),
			more: known?.baseUrl,
			step: { label: t('dashboard.step.upstream'), href: '/models#upstreams-title' }
		})),
		...(newest && partOf(newest.memory) > full.memory
			? [{ text: t('dashboard.attention.memory', { percent: formatPercent(partOf(newest.memory)) }), step: { label: t('dashboard.step.unload'), href: '/models' } }]
			: []),
		...fullDisks.map((disk) => ({
			text: t('dashboard.attention.disk', { name: disk.name, percent: formatPercent(partOf(disk)) }),
			more: t('dashboard.attention.left', { size: formatBytes(disk.totalBytes - disk.usedBytes) }),
			step: { label: t('dashboard.step.disk'), href: '/parameters' }
		}))
	];
}
