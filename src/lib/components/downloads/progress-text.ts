import type { ListedDownload } from '#lib/contract/downloads.ts';
import { formatBytes } from '#lib/i18n/format.ts';
import { t } from '#lib/i18n/index.ts';

/** "19 s left", "4 min left", "2 h left". */
function timeLeft(seconds: number): string {
	if (seconds < 90) return t('downloads.left.s', { count: Math.max(1, seconds) });
	return seconds < 5400 ? t('downloads.left.min', { count: Math.round(seconds / 60) }) : t('downloads.left.h', { count: Math.round(seconds / 3600) });
}

/** "412 MB of 1.1 GB · 38 MB/s · 19 s left" */
export function progressText({ receivedBytes, totalBytes, bytesPerSecond, secondsLeft, state }: ListedDownload): string {
	if (state === 'done') return totalBytes === null ? '' : formatBytes(totalBytes);
	const amount = totalBytes === null ? formatBytes(receivedBytes) : t('downloads.of', { received: formatBytes(receivedBytes), total: formatBytes(totalBytes) });
	return [amount, bytesPerSecond ? t('downloads.speed', { speed: formatBytes(bytesPerSecond) }) : '', secondsLeft === null ? '' : timeLeft(secondsLeft)].filter(Boolean).join(' · ');
}
