import { z } from 'zod';
import { dateTimeSchema } from './date-time.ts';

/** Hours of document A's longest window: as long as samples are kept. */
const maxHours = 720;
const bounds = `hours must be a number above 0 and at most ${maxHours}`;
export const hoursSchema = z.number(bounds).gt(0, bounds).max(maxHours, bounds).default(24);

const percent = z.number().min(0).max(100);

/** Document A's current figures. */
export const monitoringNowSchema = z.object({
	cpu: percent.describe('Percent, over the last two seconds.'),
	memory: percent,
	activeModels: z.int().describe('Local models that are loaded.'),
	totalRequests: z.int().describe('Requests to /api and /v1 since the start.'),
	uptime: z.int().describe('Seconds since the start.')
});
export type MonitoringNow = z.infer<typeof monitoringNowSchema>;

/** Document A's samples: what was measured in the interval that begins at `timestamp`. */
export const monitoringHistorySchema = z.object({
	history: z.array(z.object({ timestamp: dateTimeSchema, cpu: percent, memory: percent, requests: z.int().describe("Within this sample's interval.") }))
});
export type MonitoringHistory = z.infer<typeof monitoringHistorySchema>;

/** Document A's frames on `/api/websocket`. */
export const statusFrameSchema = z.object({
	type: z.literal('status'),
	data: z.object({ cpuUsage: percent, memoryUsage: percent, activeModels: z.int(), totalRequests: z.int() })
});
export const logsFrameSchema = z.object({
	type: z.literal('logs'),
	data: z.array(z.object({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']), message: z.string(), timestamp: dateTimeSchema, source: z.string() }))
});
export const errorFrameSchema = z.object({ type: z.literal('error'), data: z.object({ message: z.string(), code: z.string(), details: z.string() }) });
