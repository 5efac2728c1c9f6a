import type { Context } from '#lib/server/trpc/context.ts';

declare global {
	namespace App {
		interface Locals {
			context: Context;
		}
	}
}

export {};
