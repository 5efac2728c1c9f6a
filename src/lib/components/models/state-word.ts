import { formatPercent } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';
import type { Model } from '#lib/state/models.svelte.ts';

/** What a model is doing, in a word; while it loads, how far it has come. */
export const stateWord = ({ status, fraction }: Model): string => (status === 'loading' && fraction ? formatPercent(fraction) : t(`state.${status}`));
